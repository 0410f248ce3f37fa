package nemesis

import (
	"slices"
	"strings"
)

// Absences keeps a run from taking away more nodes at a time than a group can
// lose without being blocked for good, as nearly as a plan can tell: who leads,
// and how large the view is by then, only the run knows. It assumes the worst: a
// fault that may drop members from the view leaves a bare majority of it.
type Absences struct {
	nodes int
	most  int     // nodes that may be away at the same time
	grace int64   // µs after its end in which a fault still counts
	away  []int64 // until when each absent node counts, µs
	parts []int64 // until when each fault counts that drops members
}

// SpareFor spares a group of so many nodes, whose failure detector needs timeout
// µs.
func SpareFor(nodes int, timeout int64) *Absences {
	return &Absences{nodes: nodes, most: max(1, (nodes-1)/2), grace: 2 * timeout}
}

// Take counts a step in. If it has too many targets it leaves as many as may be,
// and reports false if even one is too many.
func (a *Absences) Take(f Fault, s *Step) bool {
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

// All lets every node be taken away at a time: the run may block its group.
func (a *Absences) All() { a.most = a.nodes }

// room is how many more nodes may go.
func (a *Absences) room() int {
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
