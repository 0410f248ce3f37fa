package checker

import "fmt"

var primaryChain = Property{
	Name: "primary-chain", Kind: Safety, Promised: true, Lasting: true,
	Statement: "primary views form one chain: a view follows one other at most and is followed by one at most, over all members; one that nobody was seen to reach from the view before came after it and shares a member with it; every live member that the last one holds has installed it (nobody splits the group)",
	check:     checkPrimaryChain,
}

// A member's view follows another when the member installs the two in a row, both
// primary. Views of which nobody was seen to come from an earlier one still belong
// to the chain if they share a member with it; a group whose views share none is
// a second group.
func checkPrimaryChain(t *trace) Result {
	var f finding
	successor := make([]place, len(t.views)) // q plus 1; i: of the install before
	predecessor := make([]place, len(t.views))
	for q := range t.members {
		installs := t.members[q].installs
		for i := 1; i < len(installs); i++ {
			v, w := installs[i-1], installs[i]
			if !v.primary || !w.primary || v.view == w.view {
				continue
			}
			f.evidence++
			t.follows(&f, successor, v.view, place{q, i}, w.view, 0)
			t.follows(&f, predecessor, w.view, place{q, i}, v.view, 1)
		}
	}
	if !t.grows { // a view to come may show what the two have in common
		t.oneGroup(&f)
	}
	return f.done()
}

// follows compares the successor (step 0) or predecessor (step 1) of view v, seen
// at install i of a member, with what was seen first.
func (t *trace) follows(f *finding, seen []place, v int32, now place, other int32, step int) {
	ref := seen[v]
	if ref.q == 0 {
		seen[v] = place{now.q + 1, now.i}
		return
	}
	ref.q--
	was := t.members[ref.q].installs[ref.i-step].view
	if was == other {
		return
	}
	at := max(t.members[ref.q].installs[ref.i].at, t.members[now.q].installs[now.i].at)
	f.broken(at, func() (string, []Witness) {
		witness := []Witness{
			t.installed(ref.q, ref.i-1), t.installed(ref.q, ref.i),
			t.installed(now.q, now.i-1), t.installed(now.q, now.i),
		}
		if step == 0 {
			return fmt.Sprintf("the group splits after view %s: %s goes on to view %s, %s to view %s",
				t.view(v), t.name(ref.q), t.view(was), t.name(now.q), t.view(other)), witness
		}
		return fmt.Sprintf("view %s has two predecessors: %s comes from view %s, %s from view %s",
			t.view(v), t.name(ref.q), t.view(was), t.name(now.q), t.view(other)), witness
	})
}

// oneGroup reports primary views that share no member, over any number of views
// between, with the first group's.
func (t *trace) oneGroup(f *finding) {
	group := make([]int, len(t.members))
	for q := range group {
		group[q] = q
	}
	root := func(q int) int {
		for group[q] != q {
			group[q] = group[group[q]]
			q = group[q]
		}
		return q
	}
	t.eachPrimary(func(q, _ int, in *install) {
		for _, m := range t.lists[in.list] {
			group[root(int(m))] = root(q)
		}
	})
	founded := map[int]place{} // by group: its first install
	first := place{none, none}
	earlier := func(a, b place) bool {
		return t.members[a.q].installs[a.i].at < t.members[b.q].installs[b.i].at
	}
	t.eachPrimary(func(q, i int, _ *install) {
		here := place{q, i}
		if old, ok := founded[root(q)]; !ok || earlier(here, old) {
			founded[root(q)] = here
		}
		if first.q == none || earlier(here, first) {
			first = here
		}
	})
	for _, p := range founded {
		if p == first {
			continue
		}
		f.broken(t.members[p.q].installs[p.i].at, func() (string, []Witness) {
			return fmt.Sprintf("%s is in a second group: its view %s and those after it share no member with the group of view %s",
					t.name(p.q), t.view(t.members[p.q].installs[p.i].view), t.view(t.members[first.q].installs[first.i].view)),
				[]Witness{t.installed(first.q, first.i), t.installed(p.q, p.i)}
		})
	}
}

func (t *trace) eachPrimary(f func(q, i int, in *install)) {
	for q := range t.members {
		for i := range t.members[q].installs {
			if in := &t.members[q].installs[i]; in.primary {
				f(q, i, in)
			}
		}
	}
}
