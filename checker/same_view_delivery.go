package checker

import "fmt"

var sameViewDelivery = Property{
	Name: "same-view-delivery", Kind: Safety, Promised: true, Lasting: true,
	Statement: "all members that deliver a message deliver it in the same view",
	check:     checkSameViewDelivery,
}

func checkSameViewDelivery(t *trace) Result {
	var f finding
	t.againstFirst(func(d *delivery) bool { return d.view != none }, func(ref, at place) {
		f.evidence++
		other, d := &t.members[ref.q].log[ref.i], &t.members[at.q].log[at.i]
		if d.view == other.view {
			return
		}
		f.broken(max(d.at, other.at), func() (string, []Witness) {
			return fmt.Sprintf("%s delivers %s in view %s, %s in view %s",
					t.name(ref.q), t.msg(d.msg), t.view(other.view), t.name(at.q), t.view(d.view)),
				[]Witness{t.delivered(ref.q, ref.i), t.delivered(at.q, at.i)}
		})
	})
	return f.done()
}

// againstFirst gives each delivery that counts together with the first such
// delivery of its message, members in order, each by line order.
func (t *trace) againstFirst(counts func(*delivery) bool, compare func(first, later place)) {
	seen := make([]place, len(t.msgs)) // plus 1, so that 0 is nobody
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if !counts(d) {
				continue
			}
			first := seen[d.msg]
			if first.q == 0 {
				seen[d.msg] = place{q + 1, i}
				continue
			}
			first.q--
			compare(first, place{q, i})
		}
	}
}
