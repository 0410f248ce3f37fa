package linear

import (
	"cmp"
	"slices"
)

// entries is a log as its answers describe it.
type entries struct {
	placed  map[int32]*Op // by place: appends that told theirs
	maybes  []*Op         // appends that may be in it, by call
	longest []int32       // what the longest read gave
	size    int           // places that are taken
}

// logChain decides a log by the places that its appends took: they are the order.
// Only what fills a place of which nobody told is open; where two such appends are
// of one value, or one is known to be in the log but not where, it is Undecided.
func logChain(lists [][]int32, ops []Op) Outcome {
	reads := readsBySize(lists, ops)
	e, outcome := collect(lists, ops, reads)
	if outcome != Legal {
		return outcome
	}
	start := len(lists[Nil])
	if e.size-start > len(e.placed)+len(e.maybes) || !e.fill(start) {
		return Illegal // a place that nothing can have taken
	}
	phases := make([]phase, e.size-start+1)
	for at, op := range e.placed {
		phases[int(at)-start+1].enter = []*Op{op}
	}
	for _, op := range reads {
		p := &phases[len(lists[op.Value])-start]
		p.reads = append(p.reads, op)
	}
	if fits(phases) {
		return Legal
	}
	return Illegal
}

// collect sorts the appends by what is known of their places. Reads that are no
// beginnings of one log are Illegal, and so are two appends in one place.
func collect(lists [][]int32, ops []Op, reads []*Op) (*entries, Outcome) {
	e := &entries{placed: map[int32]*Op{}, longest: lists[Nil]}
	for _, op := range reads {
		list := lists[op.Value]
		if len(list) < len(e.longest) || !slices.Equal(list[:len(e.longest)], e.longest) {
			return e, Illegal
		}
		e.longest = list
	}
	e.size = len(e.longest)
	values := map[int32]bool{}
	for i := range ops {
		switch op := &ops[i]; {
		case op.Kind != Append:
		case op.Maybe:
			if values[op.Value] {
				return e, Undecided
			}
			values[op.Value] = true
			e.maybes = append(e.maybes, op)
		case op.From == Unplaced:
			return e, Undecided
		default:
			at := int(op.From)
			if e.placed[op.From] != nil || at < len(lists[Nil]) || at < len(e.longest) && e.longest[at] != op.Value {
				return e, Illegal
			}
			e.placed[op.From] = op
			e.size = max(e.size, at+1)
		}
	}
	slices.SortFunc(e.maybes, func(a, b *Op) int { return cmp.Compare(a.Call, b.Call) })
	return e, Legal
}

// fill finds an append for each place that has none: the one whose value was read
// there, else the one that was called first.
func (e *entries) fill(start int) bool {
	byValue := map[int32]*Op{}
	for _, op := range e.maybes {
		byValue[op.Value] = op
	}
	for at := start; at < len(e.longest); at++ {
		if e.placed[int32(at)] != nil {
			continue
		}
		op := byValue[e.longest[at]]
		if op == nil {
			return false
		}
		e.placed[int32(at)] = op
		delete(byValue, op.Value)
	}
	free := slices.DeleteFunc(e.maybes, func(op *Op) bool { return byValue[op.Value] == nil })
	for at := max(start, len(e.longest)); at < e.size; at++ {
		if e.placed[int32(at)] != nil {
			continue
		}
		if len(free) == 0 {
			return false
		}
		e.placed[int32(at)], free = free[0], free[1:]
	}
	return true
}
