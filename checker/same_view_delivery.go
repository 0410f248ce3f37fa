package checker

import "fmt"

var sameViewDelivery = Property{
	Name: "same-view-delivery", Kind: Safety, Promised: true,
	Statement: "all members that deliver a message deliver it in the same view",
	check:     checkSameViewDelivery,
}

func checkSameViewDelivery(t *trace) Result {
	var f finding
	seen := make([]place, len(t.msgs)) // plus 1, so that 0 is nobody
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if d.view == none {
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
			if d.view == other.view {
				continue
			}
			f.broken(max(d.at, other.at), func() (string, []Witness) {
				return fmt.Sprintf("%s delivers %s in view %s, %s in view %s",
						t.name(ref.q), t.msg(d.msg), t.view(other.view), t.name(q), t.view(d.view)),
					[]Witness{t.delivered(ref.q, ref.i), t.delivered(q, i)}
			})
		}
	}
	return f.done()
}
