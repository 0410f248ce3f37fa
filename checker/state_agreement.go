package checker

import "fmt"

var stateAgreement = Property{
	Name: "state-agreement", Kind: Safety, Promised: true, Lasting: true,
	Statement: "members that report a state after the same message report the same state",
	check:     checkStateAgreement,
}

// A second delivery of the same message by the same member is no-duplication's
// finding, and its state no second opinion.
func checkStateAgreement(t *trace) Result {
	var f finding
	t.againstFirst(func(d *delivery) bool { return d.state != none && !d.again }, func(ref, at place) {
		f.evidence++
		other, d := &t.members[ref.q].log[ref.i], &t.members[at.q].log[at.i]
		if d.state == other.state {
			return
		}
		f.broken(max(d.at, other.at), func() (string, []Witness) {
			a, b := t.delivered(ref.q, ref.i), t.delivered(at.q, at.i)
			a.Text += ", state " + t.states[other.state]
			b.Text += ", state " + t.states[d.state]
			return fmt.Sprintf("after %s, %s is in state %s and %s in state %s", t.msg(d.msg),
				t.name(ref.q), t.states[other.state], t.name(at.q), t.states[d.state]), []Witness{a, b}
		})
	})
	return f.done()
}
