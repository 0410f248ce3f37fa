package checker

import "fmt"

var gapFreedom = Property{
	Name: "gap-freedom", Kind: Safety, Promised: true, Lasting: true,
	Statement: "between two messages that p and q both deliver, both deliver the same messages",
	check:     checkGapFreedom,
}

// checkGapFreedom compares every two members. It is enough to look at messages a, b
// that follow each other in p's log among those that q has too: they must be
// neighbours in both logs. (Then every longer stretch is the same in both, or the
// same backwards.) The count is that of such pairs that are no neighbours.
func checkGapFreedom(t *trace) Result {
	var f finding
	logs := t.first()
	rank := make([]int32, len(t.msgs)) // in q's log, plus 1
	for q := range logs {
		if len(logs[q]) < 2 {
			continue
		}
		for i, x := range logs[q] {
			rank[x] = int32(i) + 1
		}
		for p := range q {
			t.compareGaps(&f, logs, p, q, rank)
		}
		for _, x := range logs[q] {
			rank[x] = 0
		}
	}
	return f.done()
}

func (t *trace) compareGaps(f *finding, logs [][]int32, p, q int, rank []int32) {
	last, i := none, none // indexes in logs[p]: of the shared message before, of this one
	for k := range t.members[p].log {
		d := &t.members[p].log[k]
		if d.again {
			continue
		}
		i++
		b := d.msg
		if rank[b] == 0 {
			continue
		}
		if last != none {
			f.evidence++
			a := logs[p][last]
			step := rank[b] - rank[a]
			switch {
			case i-last > 1:
				t.gap(f, d.at, p, q, a, logs[p][last+1], b)
			case step > 1:
				t.gap(f, d.at, q, p, a, logs[q][rank[a]], b)
			case step < -1:
				t.gap(f, d.at, q, p, b, logs[q][rank[b]], a)
			}
		}
		last = i
	}
}

// gap reports that one member delivers a, x, b and the other a and b with no x
// between; at is the index of the event that showed it.
func (t *trace) gap(f *finding, at int64, has, lacks int, a, x, b int32) {
	f.broken(at, func() (string, []Witness) {
		la, lb := t.where(lacks, a), t.where(lacks, b)
		return fmt.Sprintf("between %s and %s, %s delivers %s and %s does not",
				t.msg(a), t.msg(b), t.name(has), t.msg(x), t.name(lacks)),
			[]Witness{
				t.delivered(has, t.where(has, a)), t.delivered(has, t.where(has, x)), t.delivered(has, t.where(has, b)),
				t.delivered(lacks, min(la, lb)), t.delivered(lacks, max(la, lb)),
			}
	})
}
