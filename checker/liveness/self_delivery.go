package liveness

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var SelfDelivery = trace.Property{
	Name: "self-delivery", Kind: trace.Liveness, Promised: true,
	Statement: "a live member has delivered every message it was asked to send, save those that ended in `fail`, and those whose end nobody learned before it was started again",
	Check:     checkSelfDelivery,
}

func checkSelfDelivery(t *trace.Trace) report.Result {
	if t.Unjudgeable != nil {
		return report.Unjudged(t.Unjudgeable)
	}
	var f report.Finding
	t.EachPosition(func(q int, pos []int32) {
		if !t.Live(&t.Members[q]) {
			return
		}
		for _, x := range t.Members[q].Sent {
			if t.Msgs[x].Refused || t.Msgs[x].AckedAt == trace.None && t.Msgs[x].InvokedAt < t.Members[q].StartedAt {
				continue
			}
			f.Evidence++
			if pos[x] != trace.None {
				continue
			}
			f.Broken(t.Msgs[x].InvokedAt, func() (string, []report.Witness) {
				return fmt.Sprintf("%s lives, was asked to multicast %s and never delivers it", t.Name(q), t.Msg(x)),
					[]report.Witness{t.Invoked(x), t.Final()}
			})
		}
	})
	return f.Done()
}
