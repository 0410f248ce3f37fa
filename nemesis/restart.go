package nemesis

import (
	"errors"
	"slices"

	"groupy/node"
	"groupy/node/draw"
)

// A restart gives the detectors the least time: the new incarnation may be there
// before anybody has missed the old one.

var restart = Fault{
	Name:     "restart",
	Absent:   true,
	Sentence: "nodes die (SIGKILL) and come back at once as new incarnations, perhaps before anybody has missed them",
	Words:    Words{One: "is killed, and started again at once", Many: "are killed, and started again at once"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Target = some(k.With("target"), nodes)
	},
	Begin: func(c Cluster, s *Active) error { return takeAway(c, s, c.Kill) },
	Held:  restarted,
	End:   func(Cluster, *Active) error { return nil },
	Gone:  rejoined,
}

// Several at a time make the most of it: the group is still about to drop those
// that died when all of them ask to be let in.
var joinStorm = Fault{
	Name:     "join-storm",
	Absent:   true,
	Sentence: "as many nodes as a group can lose die together (SIGKILL), come back at once, and join in the middle of the view change that their death causes",
	Words:    Words{One: "is killed, and started again at once", Many: "are killed, and started again at once"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		who := draw.Shuffled(k.With("which"), nodes)[:max(1, minority(len(nodes)))]
		if k.With("leader").Chance(0.5) { // then the others elect while the joins come in
			who[0] = Leader
		}
		s.Target = list(who)
	},
	Begin: func(c Cluster, s *Active) error { return takeAway(c, s, c.Kill) },
	Held:  restarted,
	End:   func(Cluster, *Active) error { return nil },
	Gone:  rejoined,
}

// Everything that is only in memory is gone after this.
var restartAll = Fault{
	Name:     "restart-all",
	Parts:    true,
	Keeps:    true,
	Sentence: "all nodes die together (SIGKILL) and come back at once; a group that keeps nothing on disk is gone for good",
	Words:    Words{One: "is killed, and started again at once", Many: "are killed, and started again at once"},
	Plan:     func(_ draw.Key, nodes []string, s *Step) { s.Target = list(nodes) },
	Begin: func(c Cluster, s *Active) error {
		if err := resolve(c, s); err != nil {
			return err
		}
		s.Nodes = slices.DeleteFunc(s.Nodes, func(name string) bool { return !s.Was[name].Running })
		if len(s.Nodes) == 0 {
			return errors.New("no node is running")
		}
		return each(s, c.Kill)
	},
	Held: restarted,
	End:  func(Cluster, *Active) error { return nil },
	Gone: rejoined,
}

// restarted starts each node again as soon as its old process is gone, and is
// the evidence that all have been.
func restarted(c Cluster, s *Active) any {
	proof := map[string]any{}
	all := true
	for _, name := range s.Nodes {
		_ = revive(c, s, name) // not while the old process is there; asked again after each event
		was, now := s.Was[name], c.Process(name)
		if now.Starts == was.Starts {
			all = false
			continue
		}
		proof[node.MemberName(name, was.Incarnation)] = ended(was)
		next := node.MemberName(name, now.Incarnation)
		if now.Incarnation == was.Incarnation { // it has kept its state
			next += " again"
		}
		proof[next] = map[string]any{"pid": now.PID}
	}
	if !all {
		return nil
	}
	return map[string]any{"gone_and_started": proof}
}

// rejoined says how it ended: a restart has nothing to undo. A new incarnation
// that has died of another fault, or that the group does not let in, ends no
// less.
func rejoined(c Cluster, s *Active) any {
	joined := map[string]bool{}
	for _, name := range s.Nodes {
		_ = revive(c, s, name)
		p := c.Process(name)
		if p.Starts == s.Was[name].Starts {
			return nil
		}
		joined[node.MemberName(name, p.Incarnation)] = p.Joined
	}
	return map[string]any{"joined": joined}
}
