package checker

import "fmt"

var integrity = Property{
	Name: "integrity", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a message is delivered only after someone multicast it, and never after its multicast ended in `fail`",
	check:     checkIntegrity,
}

func checkIntegrity(t *trace) Result {
	var f finding
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			m := &t.msgs[d.msg]
			f.evidence++
			switch {
			case m.invokedAt == none:
				f.broken(d.at, func() (string, []Witness) {
					return fmt.Sprintf("%s delivers %s, which nobody multicast", t.name(q), m.name),
						[]Witness{t.delivered(q, i)}
				})
			case m.invokedAt > d.at:
				f.broken(m.invokedAt, func() (string, []Witness) {
					return fmt.Sprintf("%s delivers %s before anyone multicast it", t.name(q), m.name),
						[]Witness{t.delivered(q, i), t.invoked(d.msg)}
				})
			case m.failedAt != none && m.failedAt < d.at && m.op == none: // a cas that fails was delivered
				f.broken(d.at, func() (string, []Witness) {
					return fmt.Sprintf("%s delivers %s although its multicast had failed for good", t.name(q), m.name),
						[]Witness{t.invoked(d.msg), t.witness(m.failedAt, "the multicast of %s fails", m.name), t.delivered(q, i)}
				})
			}
		}
	}
	return f.done()
}
