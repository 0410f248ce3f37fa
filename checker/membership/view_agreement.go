package membership

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var ViewAgreement = trace.Property{
	Name: "view-agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a view's name stands for one list of members, the same everywhere",
	Check:     checkViewAgreement,
}

func checkViewAgreement(t *trace.Trace) report.Result {
	var f report.Finding
	againstFirstInstall(t, func(ref, at trace.Place) {
		f.Evidence++
		other, in := &t.Members[ref.Q].Installs[ref.I], &t.Members[at.Q].Installs[at.I]
		if in.List == other.List {
			return
		}
		f.Broken(max(in.At, other.At), func() (string, []report.Witness) {
			return fmt.Sprintf("view %s is %s for %s and %s for %s", t.View(in.View),
					t.Set(other.List), t.Name(ref.Q), t.Set(in.List), t.Name(at.Q)),
				[]report.Witness{t.Installed(ref.Q, ref.I), t.Installed(at.Q, at.I)}
		})
	})
	return f.Done()
}

// againstFirstInstall gives each install together with the first one of its view,
// members in order, each by line order.
func againstFirstInstall(t *trace.Trace, compare func(first, later trace.Place)) {
	seen := make([]trace.Place, len(t.Views)) // q plus 1, so that 0 is nobody
	for q := range t.Members {
		for i, in := range t.Members[q].Installs {
			first := seen[in.View]
			if first.Q == 0 {
				seen[in.View] = trace.Place{Q: q + 1, I: i}
				continue
			}
			first.Q--
			compare(first, trace.Place{Q: q, I: i})
		}
	}
}
