package checker

import "fmt"

var viewAgreement = Property{
	Name: "view-agreement", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a view's name stands for one list of members, the same everywhere",
	check:     checkViewAgreement,
}

// place names an event of a member: number i of its log or of its installs.
type place struct{ q, i int }

func checkViewAgreement(t *trace) Result {
	var f finding
	seen := make([]*place, len(t.views))
	for q := range t.members {
		for i, in := range t.members[q].installs {
			ref := seen[in.view]
			if ref == nil {
				seen[in.view] = &place{q, i}
				continue
			}
			f.evidence++
			other := &t.members[ref.q].installs[ref.i]
			if in.list == other.list {
				continue
			}
			f.broken(max(in.at, other.at), func() (string, []Witness) {
				return fmt.Sprintf("view %s is %s for %s and %s for %s", t.view(in.view),
						t.set(other.list), t.name(ref.q), t.set(in.list), t.name(q)),
					[]Witness{t.installed(ref.q, ref.i), t.installed(q, i)}
			})
		}
	}
	return f.done()
}
