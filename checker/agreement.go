package checker

import "fmt"

var agreement = Property{
	Name: "agreement", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a message delivered in view V by a member that survives V is delivered by every member that survives V",
	check:     func(t *trace) Result { return checkAgreement(t, false) },
}

// survival is that a member survives a view: it installed the view (install number
// i) and later another (number next), or lives at the end of a run that reached
// final and can be judged (next is none).
type survival struct {
	view int32
	q    int
	i    int
	next int
}

// survivals lists, for each member, the views that it survives, each once.
func (t *trace) survivals() [][]survival {
	all := make([][]survival, len(t.members))
	seen := make([]int, len(t.views)) // last member that survived it, plus 1
	for q := range t.members {
		m := &t.members[q]
		atEnd := t.unjudgeable == nil && t.live(m)
		for i, in := range m.installs {
			s := survival{in.view, q, i, none}
			for next := i + 1; next < len(m.installs); next++ {
				if m.installs[next].view != in.view {
					s.next = next
					break
				}
			}
			if (s.next != none || atEnd) && seen[in.view] != q+1 {
				seen[in.view] = q + 1
				all[q] = append(all[q], s)
			}
		}
	}
	return all
}

// checkAgreement judges agreement or, where also the messages that only members
// delivered which later died must be everywhere, uniform agreement. The count is
// that of missing deliveries.
func checkAgreement(t *trace, uniform bool) Result {
	var f finding
	survivals := t.survivals()
	due := t.due(survivals, uniform)
	t.eachPosition(func(q int, pos []int32) {
		for _, s := range survivals[q] {
			for _, p := range due[s.view] {
				d := &t.members[p.q].log[p.i]
				if p.q != q {
					f.evidence++
				}
				if pos[d.msg] != none {
					continue
				}
				f.broken(t.survivedAt(s), func() (string, []Witness) { return t.missing(s, p, survivals[p.q], uniform) })
			}
		}
	})
	return f.done()
}

// due lists for each view one delivery of each message that its survivors owe one
// another: those delivered in it by a survivor or, if uniform, by anyone.
func (t *trace) due(survivals [][]survival, uniform bool) [][]place {
	due := make([][]place, len(t.views))
	survives := make([]int, len(t.views)) // last member that survives it, plus 1
	type once struct{ view, msg int32 }
	// Members come one after the other, so that the last view in which a message was
	// found due tells all but the rare message that is delivered in several.
	in := make([]int32, len(t.msgs))
	several := map[once]bool{}
	for q := range t.members {
		for _, s := range survivals[q] {
			survives[s.view] = q + 1
		}
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if d.view == none || !uniform && survives[d.view] != q+1 || in[d.msg] == d.view+1 {
				continue
			}
			if in[d.msg] != 0 {
				if several[once{d.view, d.msg}] {
					continue
				}
				several[once{d.view, d.msg}] = true
			} else {
				in[d.msg] = d.view + 1
			}
			due[d.view] = append(due[d.view], place{q, i})
		}
	}
	return due
}

// survivedAt is the index of the event by which s is known.
func (t *trace) survivedAt(s survival) int64 {
	if s.next == none {
		return t.finalAt
	}
	return t.members[s.q].installs[s.next].at
}

// missing shows it: p's member delivered the message, the member of s never.
func (t *trace) missing(s survival, p place, deliverers []survival, uniform bool) (string, []Witness) {
	d := &t.members[p.q].log[p.i]
	witness := []Witness{t.delivered(p.q, p.i)}
	survived := func(s survival) {
		last := t.final()
		if s.next != none {
			last = t.installed(s.q, s.next)
		}
		witness = append(witness, t.installed(s.q, s.i), last)
	}
	for _, by := range deliverers {
		if by.view == d.view && !uniform {
			survived(by)
		}
	}
	survived(s)
	fate := "lives to the end"
	if s.next != none {
		fate = "goes on to view " + t.view(t.members[s.q].installs[s.next].view)
	}
	return fmt.Sprintf("%s delivers %s in view %s; %s survives that view (it %s) and never delivers %s",
		t.name(p.q), t.msg(d.msg), t.view(d.view), t.name(s.q), fate, t.msg(d.msg)), witness
}
