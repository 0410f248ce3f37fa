package membership

import (
	"fmt"
	"slices"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var SelfInclusion = trace.Property{
	Name: "self-inclusion", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a member is in every view that it installs",
	Check:     checkSelfInclusion,
}

func checkSelfInclusion(t *trace.Trace) report.Result {
	var f report.Finding
	for q := range t.Members {
		for i, in := range t.Members[q].Installs {
			f.Evidence++
			if slices.Contains(t.Lists[in.List], int32(q)) {
				continue
			}
			f.Broken(in.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s installs view %s, which does not hold it", t.Name(q), t.View(in.View)),
					[]report.Witness{t.Installed(q, i)}
			})
		}
	}
	return f.Done()
}
