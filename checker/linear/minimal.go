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
// What an operation found keeps its write beside it: a value out of nowhere is
// always illegal, and would show nothing. One that really is from nowhere is a
// witness alone.
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
	at := sort.Search(len(returns)-1, func(i int) bool { return illegal(pick(ops, before(ops, returns[i]), returns[i])) })
	by = returns[at]
	kept, strict := before(ops, by), false
	if sound := grounded(ops, kept, by, false); len(sound) < len(kept) {
		return missing(kept, sound)[:1], by
	}
	if sound := grounded(ops, kept, by, true); illegal(pick(ops, sound, by)) {
		kept, strict = sound, true
	}
	for size := max(len(kept)/2, 1); size >= 1; {
		fewer := cut(kept, size, func(few []int) ([]int, bool) {
			few = grounded(ops, few, by, strict)
			return few, illegal(pick(ops, few, by))
		})
		if size > 1 || len(fewer) == len(kept) {
			size /= 2
		}
		kept = fewer
	}
	return kept, by
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

// before gives the operations that were called by then.
func before(ops []Op, by int64) (list []int) {
	for i := range ops {
		if ops[i].Call < by {
			list = append(list, i)
		}
	}
	return list
}

// pick gives some of the operations as they were known by then.
func pick(ops []Op, few []int, by int64) []Op {
	list := make([]Op, 0, len(few))
	for _, i := range few {
		op := ops[i]
		if op.Return > by {
			op.Return, op.Maybe = Open, true
		}
		list = append(list, op)
	}
	return list
}

// grounded leaves out the operations that found by then what none of the others
// wrote, and those that found what these wrote, and so on; if it is strict, also
// each cas of unknown outcome that cannot find what it asked for.
func grounded(ops []Op, few []int, by int64, strict bool) []int {
	writers := map[int32]int{Nil: 1}
	for _, i := range few {
		if ops[i].Kind != Read {
			writers[ops[i].Value]++
		}
	}
	for {
		kept := make([]int, 0, len(few))
		for _, i := range few {
			source, must := rests(&ops[i], by, strict)
			if !must || writers[source] > 0 {
				kept = append(kept, i)
			} else if ops[i].Kind == CAS {
				writers[ops[i].Value]--
			}
		}
		if len(kept) == len(few) {
			return kept
		}
		few = kept
	}
}

// rests gives the value that an operation must find there to be in a witness.
func rests(op *Op, by int64, strict bool) (value int32, must bool) {
	if op.Return > by {
		return op.From, strict && op.Kind == CAS
	}
	return op.source()
}

// missing gives what is in all and not in some, both in order.
func missing(all, some []int) (list []int) {
	for _, x := range all {
		if len(some) > 0 && some[0] == x {
			some = some[1:]
			continue
		}
		list = append(list, x)
	}
	return list
}
