package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var Agreement = trace.Property{
	Name: "agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a message delivered in view V by a member that survives V is delivered by every member that survives V",
	Check:     func(t *trace.Trace) report.Result { return checkAgreement(t, false) },
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
func survivals(t *trace.Trace) [][]survival {
	all := make([][]survival, len(t.Members))
	seen := make([]int, len(t.Views)) // last member that survived it, plus 1
	for q := range t.Members {
		m := &t.Members[q]
		atEnd := t.Unjudgeable == nil && t.Live(m)
		for i, in := range m.Installs {
			s := survival{in.View, q, i, trace.None}
			for next := i + 1; next < len(m.Installs); next++ {
				if m.Installs[next].View != in.View {
					s.next = next
					break
				}
			}
			if (s.next != trace.None || atEnd) && seen[in.View] != q+1 {
				seen[in.View] = q + 1
				all[q] = append(all[q], s)
			}
		}
	}
	return all
}

// checkAgreement judges agreement or, where also the messages that only members
// delivered which later died must be everywhere, uniform agreement. The count is
// that of missing deliveries.
func checkAgreement(t *trace.Trace, uniform bool) report.Result {
	var f report.Finding
	survivals := survivals(t)
	due := due(t, survivals, uniform)
	t.EachPosition(func(q int, pos []int32) {
		for _, s := range survivals[q] {
			for _, p := range due[s.view] {
				d := &t.Members[p.Q].Log[p.I]
				if p.Q != q {
					f.Evidence++
				}
				if pos[d.Msg] != trace.None {
					continue
				}
				f.Broken(survivedAt(t, s), func() (string, []report.Witness) { return missing(t, s, p, survivals[p.Q], uniform) })
			}
		}
	})
	return f.Done()
}

// due lists for each view one delivery of each message that its survivors owe one
// another: those delivered in it by a survivor or, if uniform, by anyone.
func due(t *trace.Trace, survivals [][]survival, uniform bool) [][]trace.Place {
	due := make([][]trace.Place, len(t.Views))
	survives := make([]int, len(t.Views)) // last member that survives it, plus 1
	type once struct{ view, msg int32 }
	// Members come one after the other, so that the last view in which a message was
	// found due tells all but the rare message that is delivered in several.
	in := make([]int32, len(t.Msgs))
	several := map[once]bool{}
	for q := range t.Members {
		for _, s := range survivals[q] {
			survives[s.view] = q + 1
		}
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			if d.View == trace.None || !uniform && survives[d.View] != q+1 || in[d.Msg] == d.View+1 {
				continue
			}
			if in[d.Msg] != 0 {
				if several[once{d.View, d.Msg}] {
					continue
				}
				several[once{d.View, d.Msg}] = true
			} else {
				in[d.Msg] = d.View + 1
			}
			due[d.View] = append(due[d.View], trace.Place{Q: q, I: i})
		}
	}
	return due
}

// survivedAt is the index of the event by which s is known.
func survivedAt(t *trace.Trace, s survival) int64 {
	if s.next == trace.None {
		return t.FinalAt
	}
	return t.Members[s.q].Installs[s.next].At
}

// missing shows it: p's member delivered the message, the member of s never.
func missing(t *trace.Trace, s survival, p trace.Place, deliverers []survival, uniform bool) (string, []report.Witness) {
	d := &t.Members[p.Q].Log[p.I]
	witness := []report.Witness{t.Delivered(p.Q, p.I)}
	survived := func(s survival) {
		last := t.Final()
		if s.next != trace.None {
			last = t.Installed(s.q, s.next)
		}
		witness = append(witness, t.Installed(s.q, s.i), last)
	}
	for _, by := range deliverers {
		if by.view == d.View && !uniform {
			survived(by)
		}
	}
	survived(s)
	fate := "lives to the end"
	if s.next != trace.None {
		fate = "goes on to view " + t.View(t.Members[s.q].Installs[s.next].View)
	}
	return fmt.Sprintf("%s delivers %s in view %s; %s survives that view (it %s) and never delivers %s",
		t.Name(p.Q), t.Msg(d.Msg), t.View(d.View), t.Name(s.q), fate, t.Msg(d.Msg)), witness
}
