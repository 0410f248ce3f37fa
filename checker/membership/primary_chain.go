package membership

import (
	"cmp"
	"fmt"
	"slices"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var PrimaryChain = trace.Property{
	Name: "primary-chain", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "primary views form one chain: a view follows one other at most and is followed by one at most, over all members; one that nobody was seen to reach from the view before came after it and shares a member with it; every live member that the last one holds has installed it (nobody splits the group)",
	Check:     checkPrimaryChain,
}

// What one member did is known in its order; the lines of two members may have been
// read the other way round. So views are put in rows by what members did, and only
// rows, of which there is one as a rule, by when they begin.
func checkPrimaryChain(t *trace.Trace) report.Result {
	var f report.Finding
	views := primaryViews(t)
	eachStep(t, func(q, last, i int) {
		f.Evidence++
		if i-last == 1 {
			follows(t, &f, views, q, i)
		}
	})
	// What is wrong with rows may be put right by a view to come.
	if f.Count > 0 || t.Grows {
		return f.Done()
	}
	rows := rows(t, &f, views)
	if f.Count > 0 || len(rows) == 0 {
		return f.Done()
	}
	eachStep(t, func(q, last, i int) { inOrder(t, &f, views, q, last, i) })
	isInstalled(t, &f, views, rows[len(rows)-1].last)
	return f.Done()
}

// nowhen is the place of no event.
var nowhen = trace.Place{Q: trace.None, I: trace.None}

// primaryView is what is known of a view that has a primary install.
type primaryView struct {
	first        trace.Place // primary install, in line order
	after, ahead trace.Place // an install of it directly after the view that it follows; of the view that follows it
	rank         int         // its number in the chain
}

func installAt(t *trace.Trace, p trace.Place) *trace.Install { return &t.Members[p.Q].Installs[p.I] }

// primaryViews gives what is known by view; first is nowhen for one that nobody
// installed as primary.
func primaryViews(t *trace.Trace) []primaryView {
	views := make([]primaryView, len(t.Views))
	for v := range views {
		views[v] = primaryView{nowhen, nowhen, nowhen, trace.None}
	}
	for q := range t.Members {
		for i, in := range t.Members[q].Installs {
			if v := &views[in.View]; in.Primary && (v.first == nowhen || in.At < installAt(t, v.first).At) {
				v.first = trace.Place{Q: q, I: i}
			}
		}
	}
	return views
}

// eachStep calls f for each primary install, number i of member q, that has another
// one before it, number last, of another view.
func eachStep(t *trace.Trace, f func(q, last, i int)) {
	for q := range t.Members {
		last := trace.None
		for i, in := range t.Members[q].Installs {
			if !in.Primary {
				continue
			}
			if last != trace.None && t.Members[q].Installs[last].View != in.View {
				f(q, last, i)
			}
			last = i
		}
	}
}

// follows takes note that a view follows another one, by install number i of member
// q, and compares it with what was seen first.
func follows(t *trace.Trace, f *report.Finding, views []primaryView, q, i int) {
	now := trace.Place{Q: q, I: i}
	v, w := t.Members[q].Installs[i-1].View, t.Members[q].Installs[i].View
	broken := func(was trace.Place, text string, args ...any) {
		f.Broken(max(installAt(t, was).At, installAt(t, now).At), func() (string, []report.Witness) {
			return fmt.Sprintf(text, args...), []report.Witness{
				t.Installed(was.Q, was.I-1), t.Installed(was.Q, was.I), t.Installed(q, i-1), t.Installed(q, i),
			}
		})
	}
	if was := views[v].ahead; was == nowhen {
		views[v].ahead = now
	} else if other := installAt(t, was).View; other != w {
		broken(was, "the group splits after view %s: %s goes on to view %s, %s to view %s",
			t.View(v), t.Name(was.Q), t.View(other), t.Name(q), t.View(w))
	}
	if was := views[w].after; was == nowhen {
		views[w].after = now
	} else if other := t.Members[was.Q].Installs[was.I-1].View; other != v {
		broken(was, "view %s has two predecessors: %s comes from view %s, %s from view %s",
			t.View(w), t.Name(was.Q), t.View(other), t.Name(q), t.View(v))
	}
}

// viewRow is views of which each follows the one before.
type viewRow struct {
	head, last int32       // views
	begins     trace.Place // first install of any of them
}

// rows puts the views in rows, and judges these.
func rows(t *trace.Trace, f *report.Finding, views []primaryView) []viewRow {
	var rows []viewRow
	inRow := make([]bool, len(views))
	for v := range views {
		if views[v].first != nowhen && views[v].after == nowhen {
			rows = append(rows, rowFrom(t, views, int32(v), inRow))
		}
	}
	for v := range views {
		if views[v].first != nowhen && !inRow[v] {
			circle(t, f, views, int32(v), inRow)
		}
	}
	slices.SortFunc(rows, func(a, b viewRow) int { return cmp.Compare(installAt(t, a.begins).At, installAt(t, b.begins).At) })
	rank := 0
	for n, r := range rows {
		for v := r.head; ; v = installAt(t, views[v].ahead).View {
			views[v].rank = rank
			if rank++; v == r.last {
				break
			}
		}
		if n > 0 {
			f.Evidence++
			comesAfter(t, f, views, rows[n-1], r)
		}
	}
	return rows
}

// rowFrom is the row that begins with a view.
func rowFrom(t *trace.Trace, views []primaryView, v int32, inRow []bool) viewRow {
	r := viewRow{head: v, begins: views[v].first}
	for {
		inRow[v] = true
		if first := views[v].first; installAt(t, first).At < installAt(t, r.begins).At {
			r.begins = first
		}
		if r.last = v; views[v].ahead == nowhen {
			return r
		}
		v = installAt(t, views[v].ahead).View
	}
}

// circle reports views that follow one another without a first.
func circle(t *trace.Trace, f *report.Finding, views []primaryView, from int32, inRow []bool) {
	var steps []trace.Place
	at := int64(trace.None)
	for v := from; !inRow[v]; {
		inRow[v] = true
		step := views[v].ahead
		steps, at = append(steps, step), max(at, installAt(t, step).At)
		v = installAt(t, step).View
	}
	f.Broken(at, func() (string, []report.Witness) {
		text := "view " + t.View(from)
		var witness []report.Witness
		for _, step := range steps {
			text += fmt.Sprintf(", then view %s for %s", t.View(installAt(t, step).View), t.Name(step.Q))
			witness = append(witness, t.Installed(step.Q, step.I-1), t.Installed(step.Q, step.I))
		}
		return "views follow one another in a circle: " + text, witness
	})
}

// comesAfter judges a row against the one before.
func comesAfter(t *trace.Trace, f *report.Finding, views []primaryView, before, r viewRow) {
	end, head := views[before.last].first, views[r.head].first
	v, w := installAt(t, end), installAt(t, head)
	if begins := installAt(t, r.begins); begins.At < v.At {
		f.Broken(v.At, func() (string, []report.Witness) {
			return fmt.Sprintf("%s is in a second group: it installs view %s before anybody is in view %s, and nobody goes from one to the other",
				t.Name(r.begins.Q), t.View(begins.View), t.View(v.View)), overlap(t, views, before, r)
		})
		return
	}
	if !slices.ContainsFunc(t.Lists[w.List], func(m int32) bool { return slices.Contains(t.Lists[v.List], m) }) {
		f.Broken(max(v.At, w.At), func() (string, []report.Witness) {
			witness := []report.Witness{t.Installed(end.Q, end.I)}
			if end.Q == head.Q { // what lies between is why one does not follow the other
				witness = append(witness, t.Installed(head.Q, head.I-1))
			}
			return fmt.Sprintf("%s is in a second group: its view %s shares no member with view %s, the last before it",
				t.Name(head.Q), t.View(w.View), t.View(v.View)), append(witness, t.Installed(head.Q, head.I))
		})
	}
}

// overlap shows that a row begins before the row before it ends.
func overlap(t *trace.Trace, views []primaryView, before, r viewRow) []report.Witness {
	show := func(p trace.Place) report.Witness { return t.Installed(p.Q, p.I) }
	witness := []report.Witness{show(before.begins), show(r.begins)}
	for v := before.head; v != before.last; {
		step := views[v].ahead
		witness = append(witness, t.Installed(step.Q, step.I-1), show(step))
		v = installAt(t, step).View
	}
	return append(witness, show(views[before.last].first))
}

// inOrder judges that member q goes from its install number last to number i.
func inOrder(t *trace.Trace, f *report.Finding, views []primaryView, q, last, i int) {
	v, w := t.Members[q].Installs[last].View, t.Members[q].Installs[i].View
	if views[v].rank < views[w].rank {
		return
	}
	f.Broken(t.Members[q].Installs[i].At, func() (string, []report.Witness) {
		a, b := views[w].first, views[v].first
		return fmt.Sprintf("%s goes back from view %s to view %s, which the group had left", t.Name(q), t.View(v), t.View(w)),
			[]report.Witness{t.Installed(a.Q, a.I), t.Installed(b.Q, b.I), t.Installed(q, last), t.Installed(q, i)}
	})
}

// isInstalled judges, in a run that came to rest, that those who live came to the
// chain's last view, if it holds them.
func isInstalled(t *trace.Trace, f *report.Finding, views []primaryView, last int32) {
	if t.Unjudgeable != nil {
		return
	}
	first := views[last].first
	for _, q := range t.Lists[installAt(t, first).List] {
		m := &t.Members[q]
		if !t.Live(m) {
			continue
		}
		f.Evidence++
		if slices.ContainsFunc(m.Installs, func(in trace.Install) bool { return in.Primary && in.View == last }) {
			continue
		}
		f.Broken(max(t.FinalAt, installAt(t, first).At), func() (string, []report.Witness) {
			return fmt.Sprintf("view %s, the last, holds %s, which lives and never installs it", t.View(last), m.Name),
				append(t.LifeOf(int(q)), t.Installed(first.Q, first.I))
		})
	}
}
