package linear

import (
	"cmp"
	"math"
	"slices"
)

// phase is a time in which an object does not change, and all of its reads agree.
// An object that only grows goes through its phases in the order of their sizes.
type phase struct {
	enter []*Op // bring the phase about
	late  []*Op // change nothing, but only because they come after the last phase's reads
	reads []*Op
}

// fits reports whether phases in this order leave each operation a place between
// its call and its return. Each place is taken as early as can be: no later one
// could leave more room, since whatever bounds a place from below are calls and
// earlier places.
func fits(phases []phase) bool {
	at := int64(math.MinInt64) // nothing from here on comes before
	for i := range phases {
		p := &phases[i]
		for _, op := range p.late {
			if op.Return < at {
				return false
			}
		}
		begun := at
		for _, op := range p.enter {
			if op.Return < at {
				return false
			}
			begun = max(begun, op.Call)
		}
		at = begun
		for _, op := range p.reads {
			if op.Return < begun {
				return false
			}
			at = max(at, op.Call)
		}
	}
	return true
}

// readsBySize gives the operations that read something, sorted by how much.
func readsBySize(lists [][]int32, ops []Op) []*Op {
	var reads []*Op
	for i := range ops {
		if ops[i].Kind == Read && !ops[i].Maybe {
			reads = append(reads, &ops[i])
		}
	}
	slices.SortStableFunc(reads, func(a, b *Op) int {
		return cmp.Or(cmp.Compare(len(lists[a.Value]), len(lists[b.Value])), cmp.Compare(a.Value, b.Value))
	})
	return reads
}

// setChain decides a set that only grows and is read as a whole: its reads must
// form a chain, and each element is added between the last read without it and the
// first with it. Of several additions of an element the one that was called first
// does that; the others come whenever they can from then on.
func setChain(lists [][]int32, ops []Op) Outcome {
	reads := readsBySize(lists, ops)
	seen := make([]int32, most(ops)+1) // by element: 1 + the phase that it comes with, 0 before any
	for _, v := range lists[Nil] {
		if int(v) < len(seen) {
			seen[v] = 1
		}
	}
	phases, held := make([]phase, 1), lists[Nil]
	for _, read := range reads {
		news, all := beyond(held, lists[read.Value])
		if !all {
			return Illegal
		}
		if len(news) > 0 {
			phases = append(phases, phase{})
		}
		for _, v := range news {
			if int(v) >= len(seen) {
				return Illegal // nobody added anything like it
			}
			seen[v] = int32(len(phases))
		}
		held = lists[read.Value]
		p := &phases[len(phases)-1]
		p.reads = append(p.reads, read)
	}
	first := make([]*Op, len(seen)) // by element: the addition called first
	last := phase{}                 // what nobody has seen comes after all reads
	for i := range ops {
		op := &ops[i]
		if op.Kind != Add {
			continue
		}
		switch at := seen[op.Value]; at {
		case 0:
			last.late = append(last.late, op)
		case 1: // it was there before anything was done
		default:
			phases[at-1].late = append(phases[at-1].late, op)
			if f := first[op.Value]; f == nil || op.Call < f.Call {
				first[op.Value] = op
			}
		}
	}
	for v, at := range seen {
		if at < 2 {
			continue
		}
		if first[v] == nil {
			return Illegal // out of nowhere
		}
		phases[at-1].enter = append(phases[at-1].enter, first[v])
	}
	if fits(append(phases, last)) {
		return Legal
	}
	return Illegal
}

// most is the greatest value that an operation names.
func most(ops []Op) int32 {
	value := Nil
	for i := range ops {
		if ops[i].Kind != Read {
			value = max(value, ops[i].Value)
		}
	}
	return value
}

// beyond gives what b has and a has not, and whether b has all of a. Both ascend.
func beyond(a, b []int32) (news []int32, all bool) {
	for _, v := range b {
		if len(a) > 0 && a[0] == v {
			a = a[1:]
		} else {
			news = append(news, v)
		}
	}
	return news, len(a) == 0
}
