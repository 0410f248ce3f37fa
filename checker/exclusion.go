package checker

import "fmt"

var exclusion = Property{
	Name: "exclusion", Kind: Safety, Promised: true, Lasting: true,
	Statement: "after `evict` a member delivers and installs nothing, and no later view holds it",
	check:     checkExclusion,
}

// A later view is one that nobody had installed at the time of the evict: a slow
// member may still install an older one.
func checkExclusion(t *trace) Result {
	var f finding
	for q := range t.members {
		m := &t.members[q]
		if len(m.marks) > 0 {
			t.afterEvict(&f, q)
		}
		for i, in := range m.installs {
			for _, held := range t.lists[in.list] {
				h := &t.members[held]
				if h.evictedBefore(in.at) == none {
					continue
				}
				f.evidence++
				evicted := h.evictedBefore(t.views[in.view].firstAt)
				if evicted == none {
					continue
				}
				f.broken(in.at, func() (string, []Witness) {
					return fmt.Sprintf("%s was evicted, but view %s, installed later by %s, holds it", h.name, t.view(in.view), t.name(q)),
						[]Witness{t.evicted(int(held), evicted), t.installed(q, i)}
				})
			}
		}
	}
	return f.done()
}

// afterEvict reports what member q delivers and installs after an evict.
func (t *trace) afterEvict(f *finding, q int) {
	m := &t.members[q]
	for i := range m.log {
		d := &m.log[i]
		if evicted := m.evictedBefore(d.at); evicted != none {
			f.evidence++
			f.broken(d.at, func() (string, []Witness) {
				return fmt.Sprintf("%s delivers %s after it was evicted", m.name, t.msg(d.msg)),
					[]Witness{t.evicted(q, evicted), t.delivered(q, i)}
			})
		}
	}
	for i, in := range m.installs {
		if evicted := m.evictedBefore(in.at); evicted != none {
			f.evidence++
			f.broken(in.at, func() (string, []Witness) {
				return fmt.Sprintf("%s installs view %s after it was evicted", m.name, t.view(in.view)),
					[]Witness{t.evicted(q, evicted), t.installed(q, i)}
			})
		}
	}
	for _, k := range m.marks {
		if k.evict {
			f.evidence++
		}
	}
}

func (t *trace) evicted(q int, at int64) Witness {
	return t.witness(at, "%s is evicted", t.name(q))
}
