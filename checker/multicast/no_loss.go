package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var NoLoss = trace.Property{
	Name: "no-loss", Kind: trace.Safety, Promised: true,
	Statement: "an acknowledged multicast is delivered by every live member that had installed a view before it was asked for",
	Check:     checkNoLoss,
}

// What a member has not delivered yet is lost only in a run that came to rest.
func checkNoLoss(t *trace.Trace) report.Result {
	var f report.Finding
	t.EachPosition(func(q int, pos []int32) {
		m := &t.Members[q]
		if !t.Live(m) || len(m.Installs) == 0 {
			return
		}
		for i := range t.Msgs {
			x := &t.Msgs[i]
			if x.AckedAt == trace.None || m.FirstInstall() > x.InvokedAt {
				continue
			}
			f.Evidence++
			if pos[i] != trace.None || t.Unjudgeable != nil {
				continue
			}
			f.Broken(x.AckedAt, func() (string, []report.Witness) {
				return fmt.Sprintf("%s was acknowledged, and %s, a member since before it was asked for, never delivers it", x.Name, m.Name),
					[]report.Witness{t.Installed(q, 0), t.Invoked(int32(i)), t.Acked(int32(i)), t.Final()}
			})
		}
	})
	if t.Unjudgeable != nil && f.Evidence > 0 {
		return report.Unjudged(t.Unjudgeable)
	}
	return f.Done()
}
