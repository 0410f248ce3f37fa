package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var SameViewDelivery = trace.Property{
	Name: "same-view-delivery", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "all members that deliver a message deliver it in the same view",
	Check:     checkSameViewDelivery,
}

func checkSameViewDelivery(t *trace.Trace) report.Result {
	var f report.Finding
	againstFirst(t, func(d *trace.Delivery) bool { return d.View != trace.None }, func(ref, at trace.Place) {
		f.Evidence++
		other, d := &t.Members[ref.Q].Log[ref.I], &t.Members[at.Q].Log[at.I]
		if d.View == other.View {
			return
		}
		f.Broken(max(d.At, other.At), func() (string, []report.Witness) {
			return fmt.Sprintf("%s delivers %s in view %s, %s in view %s",
					t.Name(ref.Q), t.Msg(d.Msg), t.View(other.View), t.Name(at.Q), t.View(d.View)),
				[]report.Witness{t.Delivered(ref.Q, ref.I), t.Delivered(at.Q, at.I)}
		})
	})
	return f.Done()
}

// againstFirst gives each delivery that counts together with the first such
// delivery of its message, members in order, each by line order.
func againstFirst(t *trace.Trace, counts func(*trace.Delivery) bool, compare func(first, later trace.Place)) {
	seen := make([]trace.Place, len(t.Msgs)) // plus 1, so that 0 is nobody
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			if !counts(d) {
				continue
			}
			first := seen[d.Msg]
			if first.Q == 0 {
				seen[d.Msg] = trace.Place{Q: q + 1, I: i}
				continue
			}
			first.Q--
			compare(first, trace.Place{Q: q, I: i})
		}
	}
}
