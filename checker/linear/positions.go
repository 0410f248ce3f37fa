package linear

import (
	"cmp"
	"slices"
)

// entries is a log as its answers describe it.
type entries struct {
	placed  []*Op   // by place: appends that told theirs
	maybes  []*Op   // appends that may be in it, by call
	longest []int32 // what the longest read gave
	size    int     // places that are taken
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
	if !e.fill(start) {
		return Illegal // a place that nothing can have taken
	}
	phases := make([]phase, e.size-start+1)
	for at := start; at < e.size; at++ {
		phases[at-start+1].enter = e.placed[at : at+1]
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
	e := &entries{longest: lists[Nil]}
	for _, op := range reads {
		list := lists[op.Value]
		if len(list) < len(e.longest) || !slices.Equal(list[:len(e.longest)], e.longest) {
			return e, Illegal
		}
		e.longest = list
	}
	appends, values := 0, map[int32]bool{}
	e.size = len(e.longest)
	for i := range ops {
		op := &ops[i]
		if op.Kind != Append {
			continue
		}
		switch appends++; {
		case op.Maybe && values[op.Value], !op.Maybe && op.From == Unplaced:
			return e, Undecided
		case op.Maybe:
			values[op.Value] = true
			e.maybes = append(e.maybes, op)
		default:
			e.size = max(e.size, int(op.From)+1)
		}
	}
	if e.size > len(lists[Nil])+appends {
		return e, Illegal // there are places that nothing can have taken
	}
	e.placed = make([]*Op, e.size)
	for i := range ops {
		op, at := &ops[i], int(ops[i].From)
		if op.Kind != Append || op.Maybe {
			continue
		}
		if e.placed[at] != nil || at < len(lists[Nil]) || at < len(e.longest) && e.longest[at] != op.Value {
			return e, Illegal
		}
		e.placed[at] = op
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
		if e.placed[at] != nil {
			continue
		}
		op := byValue[e.longest[at]]
		if op == nil {
			return false
		}
		e.placed[at] = op
		delete(byValue, op.Value)
	}
	free := slices.DeleteFunc(e.maybes, func(op *Op) bool { return byValue[op.Value] == nil })
	for at := max(start, len(e.longest)); at < e.size; at++ {
		if e.placed[at] != nil {
			continue
		}
		if len(free) == 0 {
			return false
		}
		e.placed[at], free = free[0], free[1:]
	}
	return true
}
