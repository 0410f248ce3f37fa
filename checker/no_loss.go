package checker

import "fmt"

var noLoss = Property{
	Name: "no-loss", Kind: Safety, Promised: true,
	Statement: "an acknowledged multicast is delivered by every live member that had installed a view before it was asked for",
	check:     checkNoLoss,
}

// What a member has not delivered yet is lost only in a run that came to rest.
func checkNoLoss(t *trace) Result {
	var f finding
	t.eachPosition(func(q int, pos []int32) {
		m := &t.members[q]
		if !t.live(m) || len(m.installs) == 0 {
			return
		}
		for i := range t.msgs {
			x := &t.msgs[i]
			if x.ackedAt == none || m.firstInstall() > x.invokedAt {
				continue
			}
			f.evidence++
			if pos[i] != none || t.unjudgeable != nil {
				continue
			}
			f.broken(x.ackedAt, func() (string, []Witness) {
				return fmt.Sprintf("%s was acknowledged, and %s, a member since before it was asked for, never delivers it", x.name, m.name),
					[]Witness{t.installed(q, 0), t.invoked(int32(i)), t.acked(int32(i)), t.final()}
			})
		}
	})
	if t.unjudgeable != nil && f.evidence > 0 {
		return unknown(t.unjudgeable)
	}
	return f.done()
}
