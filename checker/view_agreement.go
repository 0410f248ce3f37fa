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
	t.againstFirstInstall(func(ref, at place) {
		f.evidence++
		other, in := &t.members[ref.q].installs[ref.i], &t.members[at.q].installs[at.i]
		if in.list == other.list {
			return
		}
		f.broken(max(in.at, other.at), func() (string, []Witness) {
			return fmt.Sprintf("view %s is %s for %s and %s for %s", t.view(in.view),
					t.set(other.list), t.name(ref.q), t.set(in.list), t.name(at.q)),
				[]Witness{t.installed(ref.q, ref.i), t.installed(at.q, at.i)}
		})
	})
	return f.done()
}

// againstFirstInstall gives each install together with the first one of its view,
// members in order, each by line order.
func (t *trace) againstFirstInstall(compare func(first, later place)) {
	seen := make([]place, len(t.views)) // q plus 1, so that 0 is nobody
	for q := range t.members {
		for i, in := range t.members[q].installs {
			first := seen[in.view]
			if first.q == 0 {
				seen[in.view] = place{q + 1, i}
				continue
			}
			first.q--
			compare(first, place{q, i})
		}
	}
}
