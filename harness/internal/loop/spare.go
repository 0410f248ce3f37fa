package loop

import (
	"fmt"
	"slices"

	"groupy/checker"
)

// Spare implements nemesis.Cluster. It is the plan's sparing once more, with what
// the run has come to: faults that waited for their triggers may meet, and views
// may be smaller than a plan can know. The quorum is that of the checker's oracle
// for blocked groups, so a group that is spared is one that has to go on.
func (c cluster) Spare(nodes []string) error {
	if !c.r.plan.Spare {
		return nil
	}
	view, members := c.r.highest()
	left := slices.DeleteFunc(slices.Clone(members), func(name string) bool {
		on, err := c.running(name)
		return err != nil || slices.Contains(nodes, on)
	})
	n, all := len(left), len(members)
	if all == 0 || checker.IsQuorum(n, all, n > 0 && left[0] == members[0]) {
		return nil
	}
	return fmt.Errorf("%d of the %d members of view %s would be left, which is no quorum", n, all, view)
}

// highest is the primary view that was installed first by anybody last, of those
// that a running member is in: a view's first install comes after that of the view
// before it.
func (r *runner) highest() (view string, members []string) {
	at := 0
	for _, name := range r.plan.Nodes {
		if m := r.nodes[name]; m.in() && r.first[m.view] > at {
			at, view, members = r.first[m.view], m.view, m.members
		}
	}
	return view, members
}
