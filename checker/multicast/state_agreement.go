package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var StateAgreement = trace.Property{
	Name: "state-agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "members that report a state after the same message report the same state",
	Check:     checkStateAgreement,
}

// A second delivery of the same message by the same member is no-duplication's
// finding, and its state no second opinion.
func checkStateAgreement(t *trace.Trace) report.Result {
	var f report.Finding
	againstFirst(t, func(d *trace.Delivery) bool { return d.State != trace.None && !d.Again }, func(ref, at trace.Place) {
		f.Evidence++
		other, d := &t.Members[ref.Q].Log[ref.I], &t.Members[at.Q].Log[at.I]
		if d.State == other.State {
			return
		}
		f.Broken(max(d.At, other.At), func() (string, []report.Witness) {
			a, b := t.Delivered(ref.Q, ref.I), t.Delivered(at.Q, at.I)
			a.Text += ", state " + t.States[other.State]
			b.Text += ", state " + t.States[d.State]
			return fmt.Sprintf("after %s, %s is in state %s and %s in state %s", t.Msg(d.Msg),
				t.Name(ref.Q), t.States[other.State], t.Name(at.Q), t.States[d.State]), []report.Witness{a, b}
		})
	})
	return f.Done()
}
