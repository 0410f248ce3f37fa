package membership

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var PrimaryAgreement = trace.Property{
	Name: "primary-agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a view is primary for all members that install it, or for none",
	Check:     checkPrimaryAgreement,
}

func checkPrimaryAgreement(t *trace.Trace) report.Result {
	var f report.Finding
	againstFirstInstall(t, func(ref, at trace.Place) {
		f.Evidence++
		a, b := &t.Members[ref.Q].Installs[ref.I], &t.Members[at.Q].Installs[at.I]
		if a.Primary == b.Primary {
			return
		}
		if !a.Primary {
			ref, at = at, ref
		}
		f.Broken(max(a.At, b.At), func() (string, []report.Witness) {
			return fmt.Sprintf("view %s is primary for %s and not for %s", t.View(a.View), t.Name(ref.Q), t.Name(at.Q)),
				[]report.Witness{t.Installed(ref.Q, ref.I), t.Installed(at.Q, at.I)}
		})
	})
	return f.Done()
}
