package checker

import "fmt"

var selfDelivery = Property{
	Name: "self-delivery", Kind: Liveness, Promised: true,
	Statement: "a live member has delivered every message it was asked to send, save those that ended in `fail`, and those whose end nobody learned before it was started again",
	check:     checkSelfDelivery,
}

func checkSelfDelivery(t *trace) Result {
	if t.unjudgeable != nil {
		return unknown(t.unjudgeable)
	}
	var f finding
	t.eachPosition(func(q int, pos []int32) {
		if !t.live(&t.members[q]) {
			return
		}
		for _, x := range t.members[q].sent {
			if t.msgs[x].refused || t.msgs[x].ackedAt == none && t.msgs[x].invokedAt < t.members[q].startedAt {
				continue
			}
			f.evidence++
			if pos[x] != none {
				continue
			}
			f.broken(t.msgs[x].invokedAt, func() (string, []Witness) {
				return fmt.Sprintf("%s lives, was asked to multicast %s and never delivers it", t.name(q), t.msg(x)),
					[]Witness{t.invoked(x), t.final()}
			})
		}
	})
	return f.done()
}
