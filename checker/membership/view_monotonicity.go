package membership

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var ViewMonotonicity = trace.Property{
	Name: "view-monotonicity", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "no member installs a view twice, and two members install the views they share in the same order",
	Check:     checkViewMonotonicity,
}

func checkViewMonotonicity(t *trace.Trace) report.Result {
	var f report.Finding
	logs := make([][]int32, len(t.Members))   // first installs
	seen := make([]trace.Place, len(t.Views)) // q plus 1: who installed the view last, and where
	for q := range t.Members {
		for i, in := range t.Members[q].Installs {
			if seen[in.View].Q == q+1 {
				first := seen[in.View].I
				f.Broken(in.At, func() (string, []report.Witness) {
					return fmt.Sprintf("%s installs view %s twice", t.Name(q), t.View(in.View)),
						[]report.Witness{t.Installed(q, first), t.Installed(q, i)}
				})
				continue
			}
			if seen[in.View].Q != 0 {
				f.Evidence++
			}
			seen[in.View] = trace.Place{Q: q + 1, I: i}
			logs[q] = append(logs[q], in.View)
		}
	}
	if trace.Fits(logs, len(t.Views)) {
		return f.Done()
	}
	for _, v := range trace.Inversions(logs, len(t.Views)) {
		pa, pb, qb, qa := t.InstallOf(v.P, v.A), t.InstallOf(v.P, v.B), t.InstallOf(v.Q, v.B), t.InstallOf(v.Q, v.A)
		at := max(t.Members[v.P].Installs[pb].At, t.Members[v.Q].Installs[qa].At)
		f.Broken(at, func() (string, []report.Witness) {
			return fmt.Sprintf("%s installs view %s before view %s; %s installs view %s before view %s",
					t.Name(v.P), t.View(v.A), t.View(v.B), t.Name(v.Q), t.View(v.B), t.View(v.A)),
				[]report.Witness{t.Installed(v.P, pa), t.Installed(v.P, pb), t.Installed(v.Q, qb), t.Installed(v.Q, qa)}
		})
	}
	return f.Done()
}
