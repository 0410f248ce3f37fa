package linear

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
)

// steps decides a counter whose additions are all of one amount: then a read tells
// how many came before it, and the reads are in order. Between two reads, of the
// additions called before they must all be over, those come that must return first
// (Jackson's rule of the earliest deadline, 1955): what is left for later returns
// later than any of them, and so later than anything they make wait.
func steps(amounts []int64, ops []Op) Outcome {
	var adds, reads []*Op
	for i := range ops {
		switch op := &ops[i]; {
		case op.Kind == Add && amounts[op.Value] != 0:
			adds = append(adds, op)
		case op.Kind == Read && !op.Maybe:
			reads = append(reads, op)
		}
	}
	var step int64 = 1
	if len(adds) > 0 {
		step = amounts[adds[0].Value]
	}
	if slices.ContainsFunc(adds, func(op *Op) bool { return amounts[op.Value] != step }) {
		return Undecided
	}
	count := func(read *Op) int64 { return (amounts[read.Value] - amounts[Nil]) / step }
	for _, read := range reads {
		if (amounts[read.Value]-amounts[Nil])%step != 0 || count(read) < 0 {
			return Illegal
		}
	}
	slices.SortFunc(reads, func(a, b *Op) int { return cmp.Compare(count(a), count(b)) })
	slices.SortFunc(adds, func(a, b *Op) int { return cmp.Compare(a.Call, b.Call) })
	if paced(adds, reads, count) {
		return Legal
	}
	return Illegal
}

// paced walks over the reads' counts, ascending, and takes as many additions before
// each as it has to.
func paced(adds, reads []*Op, count func(*Op) int64) bool {
	ends := make([]int64, len(reads)+1) // by when the reads from here on must begin to be over
	ends[len(reads)] = math.MaxInt64
	for i := len(reads) - 1; i >= 0; i-- {
		ends[i] = min(ends[i+1], reads[i].Return)
	}
	var open deadlines
	at, taken := int64(math.MinInt64), int64(0) // at: the latest call of the reads that came before
	for i := 0; i < len(reads); {
		for len(adds) > 0 && adds[0].Call < ends[i] {
			heap.Push(&open, adds[0])
			adds = adds[1:]
		}
		n := count(reads[i])
		for ; taken < n; taken++ {
			if len(open) == 0 {
				return false
			}
			if heap.Pop(&open).(*Op).Return < at {
				return false
			}
		}
		begun := at
		for ; i < len(reads) && count(reads[i]) == n; i++ {
			if reads[i].Return < begun {
				return false
			}
			at = max(at, reads[i].Call)
		}
	}
	return !slices.ContainsFunc(append(open, adds...), func(op *Op) bool { return op.Return < at })
}

// deadlines is a heap of operations, the first return on top.
type deadlines []*Op

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].Return < d[j].Return }
func (d deadlines) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *deadlines) Push(x any)        { *d = append(*d, x.(*Op)) }

func (d *deadlines) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}
