package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var GapFreedom = trace.Property{
	Name: "gap-freedom", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "between two messages that p and q both deliver, both deliver the same messages",
	Check:     checkGapFreedom,
}

// checkGapFreedom compares every two members. It is enough to look at messages a, b
// that follow each other in p's log among those that q has too: they must be
// neighbours in both logs. (Then every longer stretch is the same in both, or the
// same backwards.) The count is that of such pairs that are no neighbours.
func checkGapFreedom(t *trace.Trace) report.Result {
	var f report.Finding
	logs := t.First()
	rank := make([]int32, len(t.Msgs)) // in q's log, plus 1
	for q := range logs {
		if len(logs[q]) < 2 {
			continue
		}
		for i, x := range logs[q] {
			rank[x] = int32(i) + 1
		}
		for p := range q {
			compareGaps(t, &f, logs, p, q, rank)
		}
		for _, x := range logs[q] {
			rank[x] = 0
		}
	}
	return f.Done()
}

func compareGaps(t *trace.Trace, f *report.Finding, logs [][]int32, p, q int, rank []int32) {
	last, i := trace.None, trace.None // indexes in logs[p]: of the shared message before, of this one
	for k := range t.Members[p].Log {
		d := &t.Members[p].Log[k]
		if d.Again {
			continue
		}
		i++
		b := d.Msg
		if rank[b] == 0 {
			continue
		}
		if last != trace.None {
			f.Evidence++
			a := logs[p][last]
			step := rank[b] - rank[a]
			switch {
			case i-last > 1:
				gap(t, f, d.At, p, q, a, logs[p][last+1], b)
			case step > 1:
				gap(t, f, d.At, q, p, a, logs[q][rank[a]], b)
			case step < -1:
				gap(t, f, d.At, q, p, b, logs[q][rank[b]], a)
			}
		}
		last = i
	}
}

// gap reports that one member delivers a, x, b and the other a and b with no x
// between; at is the index of the event that showed it.
func gap(t *trace.Trace, f *report.Finding, at int64, has, lacks int, a, x, b int32) {
	f.Broken(at, func() (string, []report.Witness) {
		la, lb := where(t, lacks, a), where(t, lacks, b)
		return fmt.Sprintf("between %s and %s, %s delivers %s and %s does not",
				t.Msg(a), t.Msg(b), t.Name(has), t.Msg(x), t.Name(lacks)),
			[]report.Witness{
				t.Delivered(has, where(t, has, a)), t.Delivered(has, where(t, has, x)), t.Delivered(has, where(t, has, b)),
				t.Delivered(lacks, min(la, lb)), t.Delivered(lacks, max(la, lb)),
			}
	})
}
