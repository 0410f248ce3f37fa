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
// first with it.
func setChain(lists [][]int32, ops []Op) Outcome {
	adds := map[int32][]*Op{}
	for i := range ops {
		if ops[i].Kind == Add {
			adds[ops[i].Value] = append(adds[ops[i].Value], &ops[i])
		}
	}
	var phases []phase
	grow := func(news []int32) bool {
		p := phase{}
		for _, v := range news {
			some := adds[v]
			if len(some) == 0 {
				return false // out of nowhere
			}
			first := slices.MinFunc(some, func(a, b *Op) int { return cmp.Compare(a.Call, b.Call) })
			p.enter = append(p.enter, first)
			p.late = append(p.late, some...)
			delete(adds, v)
		}
		phases = append(phases, p)
		return true
	}
	held := lists[Nil]
	for _, v := range held {
		delete(adds, v) // adding it again changes nothing, at any time
	}
	grow(nil)
	for _, read := range readsBySize(lists, ops) {
		list := lists[read.Value]
		news, more := beyond(held, list)
		if !more || len(news) > 0 && !grow(news) {
			return Illegal
		}
		held = list
		p := &phases[len(phases)-1]
		p.reads = append(p.reads, read)
	}
	last := phase{} // what nobody has seen comes after all reads
	for _, some := range adds {
		last.late = append(last.late, some...)
	}
	if fits(append(phases, last)) {
		return Legal
	}
	return Illegal
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
