package checker

import "fmt"

var viewMonotonicity = Property{
	Name: "view-monotonicity", Kind: Safety, Promised: true, Lasting: true,
	Statement: "no member installs a view twice, and two members install the views they share in the same order",
	check:     checkViewMonotonicity,
}

func checkViewMonotonicity(t *trace) Result {
	var f finding
	logs := make([][]int32, len(t.members)) // first installs
	seen := make([]place, len(t.views))     // q plus 1: who installed the view last, and where
	for q := range t.members {
		for i, in := range t.members[q].installs {
			if seen[in.view].q == q+1 {
				first := seen[in.view].i
				f.broken(in.at, func() (string, []Witness) {
					return fmt.Sprintf("%s installs view %s twice", t.name(q), t.view(in.view)),
						[]Witness{t.installed(q, first), t.installed(q, i)}
				})
				continue
			}
			if seen[in.view].q != 0 {
				f.evidence++
			}
			seen[in.view] = place{q + 1, i}
			logs[q] = append(logs[q], in.view)
		}
	}
	if fits(logs, len(t.views)) {
		return f.done()
	}
	for _, v := range inversions(logs, len(t.views)) {
		pa, pb, qb, qa := t.whereView(v.p, v.a), t.whereView(v.p, v.b), t.whereView(v.q, v.b), t.whereView(v.q, v.a)
		at := max(t.members[v.p].installs[pb].at, t.members[v.q].installs[qa].at)
		f.broken(at, func() (string, []Witness) {
			return fmt.Sprintf("%s installs view %s before view %s; %s installs view %s before view %s",
					t.name(v.p), t.view(v.a), t.view(v.b), t.name(v.q), t.view(v.b), t.view(v.a)),
				[]Witness{t.installed(v.p, pa), t.installed(v.p, pb), t.installed(v.q, qb), t.installed(v.q, qa)}
		})
	}
	return f.done()
}

// whereView finds member q's first install of a view.
func (t *trace) whereView(q int, v int32) int {
	for i := range t.members[q].installs {
		if t.members[q].installs[i].view == v {
			return i
		}
	}
	return none
}
