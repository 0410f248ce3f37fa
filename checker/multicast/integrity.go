package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var Integrity = trace.Property{
	Name: "integrity", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a message is delivered only after someone multicast it, and never after its multicast ended in `fail`",
	Check:     checkIntegrity,
}

func checkIntegrity(t *trace.Trace) report.Result {
	var f report.Finding
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			m := &t.Msgs[d.Msg]
			f.Evidence++
			switch {
			case m.InvokedAt == trace.None:
				f.Broken(d.At, func() (string, []report.Witness) {
					return fmt.Sprintf("%s delivers %s, which nobody multicast", t.Name(q), m.Name),
						[]report.Witness{t.Delivered(q, i)}
				})
			case m.InvokedAt > d.At:
				f.Broken(m.InvokedAt, func() (string, []report.Witness) {
					return fmt.Sprintf("%s delivers %s before anyone multicast it", t.Name(q), m.Name),
						[]report.Witness{t.Delivered(q, i), t.Invoked(d.Msg)}
				})
			case m.FailedAt != trace.None && m.FailedAt < d.At && m.Op == trace.None: // a cas that fails was delivered
				f.Broken(d.At, func() (string, []report.Witness) {
					return fmt.Sprintf("%s delivers %s although its multicast had failed for good", t.Name(q), m.Name),
						[]report.Witness{t.Invoked(d.Msg), t.Witness(m.FailedAt, "the multicast of %s fails", m.Name), t.Delivered(q, i)}
				})
			}
		}
	}
	return f.Done()
}
