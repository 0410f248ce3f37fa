package checker

import (
	"cmp"
	"fmt"
	"slices"
)

var primaryChain = Property{
	Name: "primary-chain", Kind: Safety, Promised: true, Lasting: true,
	Statement: "primary views form one chain: a view follows one other at most and is followed by one at most, over all members; one that nobody was seen to reach from the view before came after it and shares a member with it; every live member that the last one holds has installed it (nobody splits the group)",
	check:     checkPrimaryChain,
}

// What one member did is known in its order; the lines of two members may have been
// read the other way round. So views are put in rows by what members did, and only
// rows, of which there is one as a rule, by when they begin.
func checkPrimaryChain(t *trace) Result {
	var f finding
	views := t.primaryViews()
	t.eachStep(func(q, last, i int) {
		f.evidence++
		if i-last == 1 {
			t.follows(&f, views, q, i)
		}
	})
	// What is wrong with rows may be put right by a view to come.
	if f.count > 0 || t.grows {
		return f.done()
	}
	rows := t.rows(&f, views)
	if f.count > 0 || len(rows) == 0 {
		return f.done()
	}
	t.eachStep(func(q, last, i int) { t.inOrder(&f, views, q, last, i) })
	t.isInstalled(&f, views, rows[len(rows)-1].last)
	return f.done()
}

// nowhen is the place of no event.
var nowhen = place{none, none}

// primaryView is what is known of a view that has a primary install.
type primaryView struct {
	first        place // primary install, in line order
	after, ahead place // an install of it directly after the view that it follows; of the view that follows it
	rank         int   // its number in the chain
}

func (t *trace) installAt(p place) *install { return &t.members[p.q].installs[p.i] }

// primaryViews gives what is known by view; first is nowhen for one that nobody
// installed as primary.
func (t *trace) primaryViews() []primaryView {
	views := make([]primaryView, len(t.views))
	for v := range views {
		views[v] = primaryView{nowhen, nowhen, nowhen, none}
	}
	for q := range t.members {
		for i, in := range t.members[q].installs {
			if v := &views[in.view]; in.primary && (v.first == nowhen || in.at < t.installAt(v.first).at) {
				v.first = place{q, i}
			}
		}
	}
	return views
}

// eachStep calls f for each primary install, number i of member q, that has another
// one before it, number last, of another view.
func (t *trace) eachStep(f func(q, last, i int)) {
	for q := range t.members {
		last := none
		for i, in := range t.members[q].installs {
			if !in.primary {
				continue
			}
			if last != none && t.members[q].installs[last].view != in.view {
				f(q, last, i)
			}
			last = i
		}
	}
}

// follows takes note that a view follows another one, by install number i of member
// q, and compares it with what was seen first.
func (t *trace) follows(f *finding, views []primaryView, q, i int) {
	now := place{q, i}
	v, w := t.members[q].installs[i-1].view, t.members[q].installs[i].view
	broken := func(was place, text string, args ...any) {
		f.broken(max(t.installAt(was).at, t.installAt(now).at), func() (string, []Witness) {
			return fmt.Sprintf(text, args...), []Witness{
				t.installed(was.q, was.i-1), t.installed(was.q, was.i), t.installed(q, i-1), t.installed(q, i),
			}
		})
	}
	if was := views[v].ahead; was == nowhen {
		views[v].ahead = now
	} else if other := t.installAt(was).view; other != w {
		broken(was, "the group splits after view %s: %s goes on to view %s, %s to view %s",
			t.view(v), t.name(was.q), t.view(other), t.name(q), t.view(w))
	}
	if was := views[w].after; was == nowhen {
		views[w].after = now
	} else if other := t.members[was.q].installs[was.i-1].view; other != v {
		broken(was, "view %s has two predecessors: %s comes from view %s, %s from view %s",
			t.view(w), t.name(was.q), t.view(other), t.name(q), t.view(v))
	}
}

// viewRow is views of which each follows the one before.
type viewRow struct {
	head, last int32 // views
	begins     place // first install of any of them
}

// rows puts the views in rows, and judges these.
func (t *trace) rows(f *finding, views []primaryView) []viewRow {
	var rows []viewRow
	inRow := make([]bool, len(views))
	for v := range views {
		if views[v].first != nowhen && views[v].after == nowhen {
			rows = append(rows, t.rowFrom(views, int32(v), inRow))
		}
	}
	for v := range views {
		if views[v].first != nowhen && !inRow[v] {
			t.circle(f, views, int32(v), inRow)
		}
	}
	slices.SortFunc(rows, func(a, b viewRow) int { return cmp.Compare(t.installAt(a.begins).at, t.installAt(b.begins).at) })
	rank := 0
	for n, r := range rows {
		for v := r.head; ; v = t.installAt(views[v].ahead).view {
			views[v].rank = rank
			if rank++; v == r.last {
				break
			}
		}
		if n > 0 {
			f.evidence++
			t.comesAfter(f, views, rows[n-1], r)
		}
	}
	return rows
}

// rowFrom is the row that begins with a view.
func (t *trace) rowFrom(views []primaryView, v int32, inRow []bool) viewRow {
	r := viewRow{head: v, begins: views[v].first}
	for {
		inRow[v] = true
		if first := views[v].first; t.installAt(first).at < t.installAt(r.begins).at {
			r.begins = first
		}
		if r.last = v; views[v].ahead == nowhen {
			return r
		}
		v = t.installAt(views[v].ahead).view
	}
}

// circle reports views that follow one another without a first.
func (t *trace) circle(f *finding, views []primaryView, from int32, inRow []bool) {
	var steps []place
	at := int64(none)
	for v := from; !inRow[v]; {
		inRow[v] = true
		step := views[v].ahead
		steps, at = append(steps, step), max(at, t.installAt(step).at)
		v = t.installAt(step).view
	}
	f.broken(at, func() (string, []Witness) {
		text := "view " + t.view(from)
		var witness []Witness
		for _, step := range steps {
			text += fmt.Sprintf(", then view %s for %s", t.view(t.installAt(step).view), t.name(step.q))
			witness = append(witness, t.installed(step.q, step.i-1), t.installed(step.q, step.i))
		}
		return "views follow one another in a circle: " + text, witness
	})
}

// comesAfter judges a row against the one before.
func (t *trace) comesAfter(f *finding, views []primaryView, before, r viewRow) {
	end, head := views[before.last].first, views[r.head].first
	v, w := t.installAt(end), t.installAt(head)
	if begins := t.installAt(r.begins); begins.at < v.at {
		f.broken(v.at, func() (string, []Witness) {
			return fmt.Sprintf("%s is in a second group: it installs view %s before anybody is in view %s, and nobody goes from one to the other",
				t.name(r.begins.q), t.view(begins.view), t.view(v.view)), t.overlap(views, before, r)
		})
		return
	}
	if !slices.ContainsFunc(t.lists[w.list], func(m int32) bool { return slices.Contains(t.lists[v.list], m) }) {
		f.broken(max(v.at, w.at), func() (string, []Witness) {
			witness := []Witness{t.installed(end.q, end.i)}
			if end.q == head.q { // what lies between is why one does not follow the other
				witness = append(witness, t.installed(head.q, head.i-1))
			}
			return fmt.Sprintf("%s is in a second group: its view %s shares no member with view %s, the last before it",
				t.name(head.q), t.view(w.view), t.view(v.view)), append(witness, t.installed(head.q, head.i))
		})
	}
}

// overlap shows that a row begins before the row before it ends.
func (t *trace) overlap(views []primaryView, before, r viewRow) []Witness {
	show := func(p place) Witness { return t.installed(p.q, p.i) }
	witness := []Witness{show(before.begins), show(r.begins)}
	for v := before.head; v != before.last; {
		step := views[v].ahead
		witness = append(witness, t.installed(step.q, step.i-1), show(step))
		v = t.installAt(step).view
	}
	return append(witness, show(views[before.last].first))
}

// inOrder judges that member q goes from its install number last to number i.
func (t *trace) inOrder(f *finding, views []primaryView, q, last, i int) {
	v, w := t.members[q].installs[last].view, t.members[q].installs[i].view
	if views[v].rank < views[w].rank {
		return
	}
	f.broken(t.members[q].installs[i].at, func() (string, []Witness) {
		a, b := views[w].first, views[v].first
		return fmt.Sprintf("%s goes back from view %s to view %s, which the group had left", t.name(q), t.view(v), t.view(w)),
			[]Witness{t.installed(a.q, a.i), t.installed(b.q, b.i), t.installed(q, last), t.installed(q, i)}
	})
}

// isInstalled judges, in a run that came to rest, that those who live came to the
// chain's last view, if it holds them.
func (t *trace) isInstalled(f *finding, views []primaryView, last int32) {
	if t.unjudgeable != nil {
		return
	}
	first := views[last].first
	for _, q := range t.lists[t.installAt(first).list] {
		m := &t.members[q]
		if !t.live(m) {
			continue
		}
		f.evidence++
		if slices.ContainsFunc(m.installs, func(in install) bool { return in.primary && in.view == last }) {
			continue
		}
		f.broken(max(t.finalAt, t.installAt(first).at), func() (string, []Witness) {
			return fmt.Sprintf("view %s, the last, holds %s, which lives and never installs it", t.view(last), m.name),
				append(t.lifeOf(int(q)), t.installed(first.q, first.i))
		})
	}
}
