package checker

import "fmt"

var stateAgreement = Property{
	Name: "state-agreement", Kind: Safety, Promised: true,
	Statement: "members that report a state after the same message report the same state",
	check:     checkStateAgreement,
}

// A second delivery of the same message by the same member is no-duplication's
// finding, and its state no second opinion.
func checkStateAgreement(t *trace) Result {
	var f finding
	seen := make([]place, len(t.msgs)) // plus 1, so that 0 is nobody
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if d.state == none || d.again {
				continue
			}
			ref := seen[d.msg]
			if ref.q == 0 {
				seen[d.msg] = place{q + 1, i}
				continue
			}
			ref.q--
			f.evidence++
			other := &t.members[ref.q].log[ref.i]
			if d.state == other.state {
				continue
			}
			f.broken(max(d.at, other.at), func() (string, []Witness) {
				a, b := t.delivered(ref.q, ref.i), t.delivered(q, i)
				a.Text += ", state " + t.states[other.state]
				b.Text += ", state " + t.states[d.state]
				return fmt.Sprintf("after %s, %s is in state %s and %s in state %s", t.msg(d.msg),
					t.name(ref.q), t.states[other.state], t.name(q), t.states[d.state]), []Witness{a, b}
			})
		}
	}
	return f.done()
}
