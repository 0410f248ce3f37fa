package nemesis

import (
	"groupy/node"
	"groupy/node/draw"
)

// The faults that take nodes away: by SIGKILL, by a shutdown in good order, by
// leaving the group. Held for a time, they end with a new incarnation that joins;
// held until the heal phase, the node stays away for good, and healing does not
// bring it back.

var kill = Fault{
	Name:     "kill",
	Absent:   true,
	Sentence: "nodes die at once (SIGKILL); after its time each comes back as a new incarnation and joins",
	Words:    Words{One: "is killed", Many: "are killed"},
	Plan:     planAbsence,
	Begin:    func(c Cluster, s *Active) error { return takeAway(c, s, c.Kill) },
	Held:     away, End: bringBack, Gone: back,
}

var killSuccessor = Fault{
	Name:     "kill-successor",
	Absent:   true,
	Sentence: "the leader and the next in line die together (SIGKILL), so that who is to take over is gone as well; after its time each comes back as a new incarnation and joins",
	Words:    Words{One: "is killed", Many: "are killed"},
	Plan:     func(_ draw.Key, _ []string, s *Step) { s.Target = list([]string{Leader, Next}) },
	Begin:    func(c Cluster, s *Active) error { return takeAway(c, s, c.Kill) },
	Held:     away, End: bringBack, Gone: back,
}

var shutdown = Fault{
	Name:     "shutdown",
	Absent:   true,
	Sentence: "nodes are asked to shut down, without leaving the group first; after its time each comes back as a new incarnation and joins",
	Words:    Words{One: "shuts down", Many: "shut down"},
	Plan:     planAbsence,
	Begin:    func(c Cluster, s *Active) error { return takeAway(c, s, c.Shutdown) },
	Held:     away, End: bringBack, Gone: back,
	Why: func(Cluster, *Active) string { return "the node did not exit when asked to shut down" },
}

var leave = Fault{
	Name:     "leave",
	Absent:   true,
	Sentence: "nodes leave the group and exit; after its time each joins again as a new incarnation",
	Words:    Words{One: "leaves the group", Many: "leave the group"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Target = single(k.With("target"), nodes)
	},
	Begin: func(c Cluster, s *Active) error { return takeAway(c, s, c.Leave) },
	Held:  away, End: bringBack, Gone: back,
	Why: func(Cluster, *Active) string { return "the node did not leave when asked to" },
}

func planAbsence(k draw.Key, nodes []string, s *Step) {
	s.Target = some(k.With("target"), nodes)
}

func takeAway(c Cluster, s *Active, how func(node string) error) error {
	if err := sparing(c, s); err != nil {
		return err
	}
	return each(s, how)
}

// away is the evidence that the processes are gone.
func away(c Cluster, s *Active) any {
	gone := map[string]any{}
	for _, name := range s.Nodes {
		was, now := s.Was[name], c.Process(name)
		if now.Running && now.Starts == was.Starts {
			return nil
		}
		gone[node.MemberName(name, was.Incarnation)] = ended(was)
	}
	return map[string]any{"gone": gone}
}

// ended is what names a process that is no more.
func ended(was Process) any {
	if was.PID == 0 {
		return map[string]any{}
	}
	return map[string]any{"pid": was.PID}
}

// bringBack starts a new incarnation of each node. Who has still not gone is
// killed first, so that an undo always comes to an end.
func bringBack(c Cluster, s *Active) error {
	if s.ForMicros == 0 {
		return nil
	}
	return each(s, func(name string) error {
		if p := c.Process(name); p.Running && p.Starts == s.Was[name].Starts {
			return c.Kill(name)
		}
		return revive(c, s, name)
	})
}

// revive starts a new incarnation unless someone has done so already.
func revive(c Cluster, s *Active, name string) error {
	if p := c.Process(name); p.Running || p.Starts != s.Was[name].Starts {
		return nil
	}
	return c.Restart(name)
}

// back is the evidence that each node has got a new incarnation. Whether it gets
// into the group again is for the recover phase to await: it may hang on faults
// that are still in force.
func back(c Cluster, s *Active) any {
	if s.ForMicros == 0 {
		return map[string]any{"away_for_good": s.Nodes}
	}
	started := map[string]any{}
	for _, name := range s.Nodes {
		_ = revive(c, s, name) // the old process may have gone only now; asked again after each event
		p := c.Process(name)
		if p.Starts == s.Was[name].Starts {
			return nil
		}
		started[node.MemberName(name, p.Incarnation)] = map[string]any{"pid": p.PID, "joined": p.Joined}
	}
	return map[string]any{"started": started}
}
