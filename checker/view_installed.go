package checker

import "fmt"

var viewInstalled = Property{
	Name: "view-installed", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a member delivers only in the view that it installed last",
	check:     checkViewInstalled,
}

// A history without any view event, a bare delivery log, has nothing to compare.
func checkViewInstalled(t *trace) Result {
	var f finding
	if t.stats.Installs == 0 {
		return f.done()
	}
	for q := range t.members {
		m := &t.members[q]
		for i := range m.log {
			d := &m.log[i]
			f.evidence++
			if d.during == none {
				f.broken(d.at, func() (string, []Witness) {
					return fmt.Sprintf("%s delivers %s before it has installed any view", t.name(q), t.msg(d.msg)),
						[]Witness{t.delivered(q, i), t.laterInstall(q)}
				})
				continue
			}
			if d.view == m.current(d) {
				continue
			}
			f.broken(d.at, func() (string, []Witness) {
				return fmt.Sprintf("%s delivers %s in view %s while its current view is %s",
						t.name(q), t.msg(d.msg), t.view(d.view), t.view(m.current(d))),
					[]Witness{t.installed(q, int(d.during)), t.delivered(q, i)}
			})
		}
	}
	return f.done()
}

// laterInstall is member q's first install or, where it has none, anyone's: it shows
// that the history has views and that q's came too late.
func (t *trace) laterInstall(q int) Witness {
	for i := 0; len(t.members[q].installs) == 0; i++ {
		if len(t.members[i].installs) > 0 {
			q = i
		}
	}
	return t.installed(q, 0)
}
