package multicast

import (
	"fmt"
	"strings"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var TotalOrder = trace.Property{
	Name: "total-order", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "one order fits the deliveries of all members: two members deliver the messages they share in the same order, and no cycle arises over three or more",
	Check:     checkTotalOrder,
}

// The count is that of pairs of members that disagree; where every two agree and
// only all together do not, or one member alone delivers m1, m2, m1, it is 1.
func checkTotalOrder(t *trace.Trace) report.Result {
	var f report.Finding
	logs := make([][]int32, len(t.Members))
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			logs[q] = append(logs[q], d.Msg)
			if !d.Again {
				f.Evidence++
			}
		}
	}
	f.Evidence -= distinct(t)
	if trace.Fits(logs, len(t.Msgs)) {
		return f.Done()
	}
	once := t.First()
	if pairs := trace.Inversions(once, len(t.Msgs)); len(pairs) > 0 {
		for _, v := range pairs {
			inverted(t, &f, v)
		}
		return f.Done()
	}
	if comesBack(t, &f) {
		return f.Done()
	}
	hops := trace.Cycle(once, len(t.Msgs))
	f.Broken(0, func() (string, []report.Witness) { return cyclic(t, hops) })
	return f.Done()
}

// distinct is how many messages were delivered by anyone.
func distinct(t *trace.Trace) int64 {
	seen := make([]bool, len(t.Msgs))
	var n int64
	for q := range t.Members {
		for i := range t.Members[q].Log {
			if d := &t.Members[q].Log[i]; !seen[d.Msg] {
				seen[d.Msg] = true
				n++
			}
		}
	}
	return n
}

// where finds member q's first delivery of a message in its log.
func where(t *trace.Trace, q int, msg int32) int {
	for i := range t.Members[q].Log {
		if t.Members[q].Log[i].Msg == msg {
			return i
		}
	}
	return trace.None
}

func inverted(t *trace.Trace, f *report.Finding, v trace.Inversion) {
	pa, pb, qb, qa := where(t, v.P, v.A), where(t, v.P, v.B), where(t, v.Q, v.B), where(t, v.Q, v.A)
	at := max(t.Members[v.P].Log[pb].At, t.Members[v.Q].Log[qa].At)
	f.Broken(at, func() (string, []report.Witness) {
		return fmt.Sprintf("%s delivers %s before %s; %s delivers %s before %s",
				t.Name(v.P), t.Msg(v.A), t.Msg(v.B), t.Name(v.Q), t.Msg(v.B), t.Msg(v.A)),
			[]report.Witness{t.Delivered(v.P, pa), t.Delivered(v.P, pb), t.Delivered(v.Q, qb), t.Delivered(v.Q, qa)}
	})
}

// comesBack reports a member that delivers a message, then another, then the first
// again: no order fits that.
func comesBack(t *trace.Trace, f *report.Finding) bool {
	for q := range t.Members {
		log := t.Members[q].Log
		for i := range log {
			if !log[i].Again || log[i-1].Msg == log[i].Msg {
				continue
			}
			f.Broken(log[i].At, func() (string, []report.Witness) {
				first := where(t, q, log[i].Msg)
				return fmt.Sprintf("%s delivers %s both before and after %s", t.Name(q), t.Msg(log[i].Msg), t.Msg(log[i-1].Msg)),
					[]report.Witness{t.Delivered(q, first), t.Delivered(q, i-1), t.Delivered(q, i)}
			})
			f.Count = 1
		}
	}
	return f.Count > 0
}

func cyclic(t *trace.Trace, hops []trace.Hop) (string, []report.Witness) {
	var parts []string
	var witness []report.Witness
	for _, h := range hops {
		parts = append(parts, fmt.Sprintf("%s delivers %s before %s", t.Name(h.Q), t.Msg(h.From), t.Msg(h.To)))
		witness = append(witness, t.Delivered(h.Q, where(t, h.Q, h.From)), t.Delivered(h.Q, where(t, h.Q, h.To)))
	}
	return strings.Join(parts, "; "), witness
}
