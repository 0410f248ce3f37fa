package linear

import (
	"slices"
	"sort"
)

// Witness is a set of operations that are illegal by themselves and of which none
// can be left out: indexes into a problem's.
type Witness struct {
	Ops []int `json:"ops"`
	// Begun are operations that the answers of Ops name, and of which it does not
	// matter what is known beyond their calls.
	Begun []int `json:"begun,omitempty"`
	// By is the place in the history by which they are illegal: what had not
	// returned by then counts as unknown.
	By int64 `json:"by"`
}

// Minimal gives a witness that the operations are illegal. illegal decides; it must
// say so of all of them, and of any others only where it is true.
//
// On a register, what a read found keeps its write beside it: a value out of
// nowhere is always illegal, and would show nothing. So does what a cas found, or
// else the cas counts as a write. A value that really is from nowhere is a witness
// alone. On other objects an operation is left out by taking its outcome for
// unknown: what it may have done stays possible.
func (p *Problem) Minimal(illegal func([]Op) bool) Witness {
	b := firstIllegal(p.Ops, illegal)
	w := Witness{By: b.by}
	if p.Object != Register {
		w.Ops = shrink(b.all, func(few []int) ([]int, bool) { return few, illegal(b.weaken(few)) })
		w.Begun = p.named(b, w.Ops)
		return w
	}
	if i := slices.IndexFunc(b.all, b.fromNowhere); i >= 0 {
		w.Ops = b.all[i : i+1]
		return w
	}
	w.Ops = shrink(b.all, func(few []int) ([]int, bool) {
		few = b.grounded(few)
		return few, illegal(b.pick(few))
	})
	return w
}

// firstIllegal is the shortest beginning of the operations that is illegal. A
// beginning of a linearizable history is linearizable: it is found by bisection.
func firstIllegal(ops []Op, illegal func([]Op) bool) *beginning {
	var returns []int64
	for i := range ops {
		if ops[i].Return != Open {
			returns = append(returns, ops[i].Return)
		}
	}
	slices.Sort(returns)
	at := sort.Search(len(returns)-1, func(i int) bool {
		b := beginningOf(ops, returns[i])
		return illegal(b.pick(b.all))
	})
	return beginningOf(ops, returns[at])
}

// shrink leaves out runs of ever fewer operations, in the end single ones, until
// none is left without which it is still illegal.
func shrink(kept []int, illegal func([]int) ([]int, bool)) []int {
	for size := max(len(kept)/2, 1); size >= 1; {
		fewer := cut(kept, size, illegal)
		if size > 1 || len(fewer) == len(kept) {
			size /= 2
		}
		kept = fewer
	}
	return kept
}

// cut leaves out every run of that many operations without which, and without what
// rests on them, it is still illegal.
func cut(kept []int, size int, illegal func([]int) ([]int, bool)) []int {
	for end := len(kept); end > 0; end = min(end-size, len(kept)) {
		few := slices.Delete(slices.Clone(kept), max(end-size, 0), end)
		if fewer, still := illegal(few); still {
			kept = fewer
		}
	}
	return kept
}

// beginning is what had been called by some place in the history.
type beginning struct {
	ops     []Op
	by      int64
	all     []int          // indexes into ops
	written map[int32]bool // by any of them
}

func beginningOf(ops []Op, by int64) *beginning {
	b := &beginning{ops: ops, by: by}
	for i := range ops {
		if ops[i].Call < by {
			b.all = append(b.all, i)
		}
	}
	b.written = b.writes(b.all)
	return b
}

// writes gives the values that some operations may have written, Nil included.
func (b *beginning) writes(few []int) map[int32]bool {
	values := map[int32]bool{Nil: true}
	for _, i := range few {
		if b.ops[i].Kind != Read {
			values[b.ops[i].Value] = true
		}
	}
	return values
}

// fromNowhere reports whether an operation found what nothing can have written.
func (b *beginning) fromNowhere(i int) bool {
	source, must := b.ops[i].source()
	return must && b.ops[i].Return <= b.by && !b.written[source]
}

// grounded leaves out the reads of what none of the others wrote.
func (b *beginning) grounded(few []int) []int {
	values := b.writes(few)
	return slices.DeleteFunc(few, func(i int) bool { return b.ops[i].Kind == Read && !values[b.ops[i].Value] })
}

// pick gives some of the operations as they were known by then. A cas of what none
// of the others wrote, though something else did, becomes a write: what is illegal
// then is illegal with all the more reason as it was.
func (b *beginning) pick(few []int) []Op {
	values := b.writes(few)
	list := make([]Op, 0, len(few))
	for _, i := range few {
		op := b.ops[i]
		if op.Return > b.by {
			op.Return, op.Maybe = Open, true
		}
		if op.Kind == CAS && !values[op.From] && b.written[op.From] {
			op.Kind = Write
		}
		list = append(list, op)
	}
	return list
}

// weaken gives all of the operations, but only what is known of few.
func (b *beginning) weaken(few []int) []Op {
	list := make([]Op, 0, len(b.all))
	for _, i := range b.all {
		op := b.ops[i]
		if _, known := slices.BinarySearch(few, i); !known || op.Return > b.by {
			op.Return, op.Maybe = Open, true
		}
		list = append(list, op)
	}
	return list
}

// named gives the operations that few do not hold but that their answers name.
func (p *Problem) named(b *beginning, few []int) (begun []int) {
	found := map[int32]bool{}
	for _, i := range few {
		switch op := &b.ops[i]; {
		case op.Kind == Dequeue:
			found[op.Value] = true
		case op.Kind == Read && int(op.Value) < len(p.Values.Lists):
			for _, v := range p.Values.Lists[op.Value] {
				found[v] = true
			}
		}
	}
	for _, i := range b.all {
		op := &b.ops[i]
		if _, known := slices.BinarySearch(few, i); !known && op.Kind != Read && op.Kind != Dequeue && found[op.Value] {
			begun = append(begun, i)
		}
	}
	return begun
}
