package membership

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var ViewInstalled = trace.Property{
	Name: "view-installed", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a member delivers only in the view that it installed last",
	Check:     checkViewInstalled,
}

// A history without any view event, a bare delivery log, has nothing to compare.
func checkViewInstalled(t *trace.Trace) report.Result {
	var f report.Finding
	if t.Stats.Installs == 0 {
		return f.Done()
	}
	for q := range t.Members {
		m := &t.Members[q]
		for i := range m.Log {
			d := &m.Log[i]
			f.Evidence++
			if d.During == trace.None {
				f.Broken(d.At, func() (string, []report.Witness) {
					return fmt.Sprintf("%s delivers %s before it has installed any view", t.Name(q), t.Msg(d.Msg)),
						[]report.Witness{t.Delivered(q, i), laterInstall(t, q)}
				})
				continue
			}
			if d.View == m.Current(d) {
				continue
			}
			f.Broken(d.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s delivers %s in view %s while its current view is %s",
						t.Name(q), t.Msg(d.Msg), t.View(d.View), t.View(m.Current(d))),
					[]report.Witness{t.Installed(q, int(d.During)), t.Delivered(q, i)}
			})
		}
	}
	return f.Done()
}

// laterInstall is member q's first install or, where it has none, anyone's: it shows
// that the history has views and that q's came too late.
func laterInstall(t *trace.Trace, q int) report.Witness {
	for i := 0; len(t.Members[q].Installs) == 0; i++ {
		if len(t.Members[i].Installs) > 0 {
			q = i
		}
	}
	return t.Installed(q, 0)
}
