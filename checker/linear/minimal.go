package linear

import (
	"slices"
	"sort"
)

// Minimal gives operations of one key, as indexes into ops, that are illegal by
// themselves and of which none can be left out, with the place in the history by
// which they are: what had not returned by then counts as unknown. illegal decides;
// it must say so of ops, and of everything else where it is true.
//
// What a read found keeps its write beside it: a value out of nowhere is always
// illegal, and would show nothing. So does what a cas found, or else the cas counts
// as a write. A value that really is from nowhere is a witness alone.
func Minimal(ops []Op, illegal func([]Op) bool) (witness []int, by int64) {
	var returns []int64
	for i := range ops {
		if ops[i].Return != Open {
			returns = append(returns, ops[i].Return)
		}
	}
	slices.Sort(returns)
	// A beginning of a linearizable history is linearizable: the first illegal one
	// is found by bisection.
	at := sort.Search(len(returns)-1, func(i int) bool {
		b := beginningOf(ops, returns[i])
		return illegal(b.pick(b.all))
	})
	b := beginningOf(ops, returns[at])
	if i := slices.IndexFunc(b.all, b.fromNowhere); i >= 0 {
		return b.all[i : i+1], b.by
	}
	kept := b.all
	for size := max(len(kept)/2, 1); size >= 1; {
		fewer := cut(kept, size, func(few []int) ([]int, bool) {
			few = b.grounded(few)
			return few, illegal(b.pick(few))
		})
		if size > 1 || len(fewer) == len(kept) {
			size /= 2
		}
		kept = fewer
	}
	return kept, b.by
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
