package harness

import (
	"fmt"
	"slices"
	"strings"

	"groupy/checker"
	"groupy/nemesis"
)

// absences keeps a run from taking away more nodes at a time than a group can
// lose without being blocked for good, as nearly as a plan can tell: who leads,
// and how large the view is by then, only the run knows. It assumes the worst: a
// fault that may drop members from the view leaves a bare majority of it.
type absences struct {
	nodes int
	most  int     // nodes that may be away at the same time
	grace int64   // µs after its end in which a fault still counts
	away  []int64 // until when each absent node counts, µs
	parts []int64 // until when each fault counts that drops members
}

func spareFor(nodes int, timeout int64) absences {
	return absences{nodes: nodes, most: max(1, (nodes-1)/2), grace: 2 * timeout}
}

// take counts a step in. If it has too many targets it leaves as many as may be,
// and reports false if even one is too many.
func (a *absences) take(f nemesis.Fault, s *nemesis.Step) bool {
	past := func(end int64) bool { return end <= s.AtMicros }
	a.away, a.parts = slices.DeleteFunc(a.away, past), slices.DeleteFunc(a.parts, past)
	until := s.AtMicros + s.ForMicros + a.grace
	if !f.Absent {
		if f.Parts {
			a.parts = append(a.parts, until)
		}
		return true
	}
	room := a.room()
	if room < 1 {
		return false
	}
	targets := strings.Split(s.Target, ",")
	if len(targets) > room {
		targets = targets[:room]
		s.Target = strings.Join(targets, ",")
	}
	for range targets {
		a.away = append(a.away, until)
	}
	return true
}

// room is how many more nodes may go.
func (a *absences) room() int {
	room := a.most - len(a.away)
	if a.most >= a.nodes {
		return room // this run may block
	}
	view := a.nodes - len(a.away)
	for range a.parts {
		view = view/2 + 1
	}
	if len(a.parts) > 0 {
		room = min(room, (view-1)/2)
	}
	return room
}

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
