package linear

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Zones decides the operations of one key if every value is written once at most,
// and never Nil: then each read names its write, and each cas the write before it.
//
// A write, the reads of its value, the cas that replaces it, the reads of that
// one's value and so on must stand together in every order: they are a block. Block
// X must come before block Y if an operation of X returns before one of Y is
// called, that is, if X's first return is before Y's last call. There is an order
// exactly if no two blocks must each come before the other, and each block's own
// operations fit their order. The time between a block's first return and its last
// call is its zone (Gibbons and Korach, "Testing Shared Memories", 1997, for
// blocks of one write; section 5.1 there has the case of many).
//
// Linear in the number of operations but for sorting the zones.
func Zones(ops []Op) Outcome {
	z := gather(ops)
	if z.ambiguous {
		return Undecided
	}
	z.drop()
	blocks, ok := z.blocks()
	if !ok || conflict(blocks) {
		return Illegal
	}
	return Legal
}

// zones is what is known of each value of a key.
type zones struct {
	ops       []Op
	values    []value
	ambiguous bool // a value has two writers
}

type value struct {
	writer  int32 // index of the operation that wrote it, none
	swap    int32 // index of the cas that replaced it, none
	seen    int32 // reads and cas that found it
	first   int64 // return of its reads
	last    int64 // call of its reads
	visited bool  // it is in a block
}

const none = -1

// gather sorts the operations by value.
func gather(ops []Op) *zones {
	most := Nil
	for i := range ops {
		most = max(most, ops[i].Value, ops[i].From)
	}
	z := &zones{ops: ops, values: make([]value, most+1)}
	for v := range z.values {
		z.values[v] = value{writer: none, swap: none, first: math.MaxInt64, last: math.MinInt64}
	}
	for i := range ops {
		op := &ops[i]
		v := &z.values[op.Value]
		switch {
		case op.Kind != Read:
			z.ambiguous = z.ambiguous || v.writer != none || op.Value == Nil
			v.writer = int32(i)
			if op.Kind == CAS {
				z.values[op.From].seen++
			}
		case !op.Maybe:
			v.seen++
			v.first, v.last = min(v.first, op.Return), max(v.last, op.Call)
		}
	}
	return z
}

// drop takes out the operations of unknown outcome whose value nobody found: if
// they took effect, there is an order without them, too.
func (z *zones) drop() {
	var idle []int32
	check := func(v int32) {
		if w := z.values[v].writer; w != none && z.ops[w].Maybe && z.values[v].seen == 0 {
			idle = append(idle, v)
		}
	}
	for v := range z.values {
		check(int32(v))
	}
	for len(idle) > 0 {
		v := &z.values[idle[len(idle)-1]]
		idle = idle[:len(idle)-1]
		op := &z.ops[v.writer]
		v.writer = none
		if op.Kind == CAS {
			z.values[op.From].seen--
			check(op.From)
		}
	}
}

// block is a block's zone.
type block struct {
	first int64 // return
	last  int64 // call
}

// blocks follows every write through the cas that came of it. It reports false if
// a block's own operations do not fit its order, or if a value came from nowhere.
func (z *zones) blocks() ([]block, bool) {
	for v := range z.values {
		w := z.values[v].writer
		if w == none || z.ops[w].Kind != CAS {
			continue
		}
		from := &z.values[z.ops[w].From]
		if from.swap != none {
			return nil, false // replaced twice
		}
		from.swap = w
	}
	var list []block
	for v := range z.values {
		w := z.values[v].writer
		if int32(v) != Nil && (w == none || z.ops[w].Kind == CAS) {
			continue
		}
		b, ok := z.follow(int32(v))
		if !ok {
			return nil, false
		}
		list = append(list, b)
	}
	for v := range z.values {
		v := &z.values[v]
		certain := v.writer != none && !z.ops[v.writer].Maybe || v.first != math.MaxInt64
		if certain && !v.visited {
			return nil, false // from nowhere
		}
	}
	return list, true
}

// follow gives the block that begins with a value. What is in a block first must
// not be called after something later has returned.
func (z *zones) follow(at int32) (block, bool) {
	b := block{first: math.MaxInt64, last: math.MinInt64}
	if at == Nil {
		b.first = math.MinInt64 // before everything
	}
	for {
		v := &z.values[at]
		v.visited = true
		if v.writer != none {
			w := &z.ops[v.writer]
			if w.Return < b.last {
				return b, false
			}
			b.first, b.last = min(b.first, w.Return), max(b.last, w.Call)
		}
		if v.first < b.last {
			return b, false
		}
		b.first, b.last = min(b.first, v.first), max(b.last, v.last)
		if v.swap == none {
			return b, true
		}
		if at = z.ops[v.swap].Value; z.values[at].visited {
			return b, false // a cas of a value by itself
		}
	}
}

// conflict reports whether two blocks must each come before the other.
func conflict(blocks []block) bool {
	var forward []block // those that forbid a time to others: between first and last
	for _, b := range blocks {
		if b.first < b.last {
			forward = append(forward, b)
		}
	}
	slices.SortFunc(forward, func(a, b block) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(forward); i++ {
		if forward[i].first < forward[i-1].last {
			return true
		}
	}
	for _, b := range blocks {
		if b.first < b.last {
			continue
		}
		// Forward zones are in order and apart: only the last that begins before b's
		// last call can reach over b's first return.
		i := sort.Search(len(forward), func(i int) bool { return forward[i].first >= b.last }) - 1
		if i >= 0 && b.first < forward[i].last {
			return true
		}
	}
	return false
}
