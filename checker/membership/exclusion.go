package membership

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var Exclusion = trace.Property{
	Name: "exclusion", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "after `evict` a member delivers and installs nothing, and no later view holds it",
	Check:     checkExclusion,
}

// A later view is one that nobody had installed at the time of the evict: a slow
// member may still install an older one.
func checkExclusion(t *trace.Trace) report.Result {
	var f report.Finding
	for q := range t.Members {
		m := &t.Members[q]
		if len(m.Marks) > 0 {
			afterEvict(t, &f, q)
		}
		for i, in := range m.Installs {
			for _, held := range t.Lists[in.List] {
				h := &t.Members[held]
				if h.EvictedBefore(in.At) == trace.None {
					continue
				}
				f.Evidence++
				evicted := h.EvictedBefore(t.Views[in.View].FirstAt)
				if evicted == trace.None {
					continue
				}
				f.Broken(in.At, func() (string, []report.Witness) {
					return fmt.Sprintf("%s was evicted, but view %s, installed later by %s, holds it", h.Name, t.View(in.View), t.Name(q)),
						[]report.Witness{evictedBy(t, int(held), evicted), t.Installed(q, i)}
				})
			}
		}
	}
	return f.Done()
}

// afterEvict reports what member q delivers and installs after an evict.
func afterEvict(t *trace.Trace, f *report.Finding, q int) {
	m := &t.Members[q]
	for i := range m.Log {
		d := &m.Log[i]
		if evicted := m.EvictedBefore(d.At); evicted != trace.None {
			f.Evidence++
			f.Broken(d.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s delivers %s after it was evicted", m.Name, t.Msg(d.Msg)),
					[]report.Witness{evictedBy(t, q, evicted), t.Delivered(q, i)}
			})
		}
	}
	for i, in := range m.Installs {
		if evicted := m.EvictedBefore(in.At); evicted != trace.None {
			f.Evidence++
			f.Broken(in.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s installs view %s after it was evicted", m.Name, t.View(in.View)),
					[]report.Witness{evictedBy(t, q, evicted), t.Installed(q, i)}
			})
		}
	}
	for _, k := range m.Marks {
		if k.Evict {
			f.Evidence++
		}
	}
}

func evictedBy(t *trace.Trace, q int, at int64) report.Witness {
	return t.Witness(at, "%s is evicted", t.Name(q))
}
