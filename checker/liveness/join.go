package liveness

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var Join = trace.Property{
	Name: "join", Kind: trace.Liveness, Promised: true,
	Statement: "a live process that asked to join has installed a view",
	Check:     checkJoin,
}

func checkJoin(t *trace.Trace) report.Result {
	if t.Unjudgeable != nil {
		return report.Unjudged(t.Unjudgeable)
	}
	var f report.Finding
	for _, q := range t.LiveMembers() {
		m := &t.Members[q]
		if m.JoinAt == trace.None {
			continue
		}
		f.Evidence++
		if len(m.Installs) > 0 {
			continue
		}
		f.Broken(m.JoinAt, func() (string, []report.Witness) {
			return fmt.Sprintf("%s lives, was asked to join and never installs a view", m.Name),
				[]report.Witness{t.Witness(m.JoinAt, "%s is asked to join", m.Name), t.Final()}
		})
	}
	return f.Done()
}
