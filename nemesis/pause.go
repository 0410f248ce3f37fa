package nemesis

import (
	"fmt"

	"groupy/node/draw"
)

// A paused process is not a cut-off one: the kernel goes on accepting and
// buffering for it, and when it is resumed, all its timers have expired at once.

var pause = Fault{
	Name:     "pause",
	Parts:    true,
	Sentence: "nodes freeze (SIGSTOP) for a time, and then go on as if nothing had been",
	Words:    Words{One: "freezes", Many: "freeze", Over: "goes on"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Target = anyOf(k.With("target"), nodes)
	},
	Begin: func(c Cluster, s *Active) error {
		if err := running(c, s); err != nil {
			return err
		}
		for _, node := range s.Nodes {
			if s.Was[node].Paused {
				return fmt.Errorf("%s is paused already", node)
			}
		}
		return each(s, c.Pause)
	},
	Held: frozen,
	End: func(c Cluster, s *Active) error {
		return each(s, func(node string) error {
			if !same(c, s, node) {
				return nil
			}
			return c.Resume(node)
		})
	},
	Gone: thawed,
}

// same reports whether the process is still the one that the step met.
func same(c Cluster, s *Active, node string) bool {
	p := c.Process(node)
	return p.Running && p.Starts == s.Was[node].Starts
}

// frozen is the evidence that the processes are in state T. One that died of
// another fault meanwhile does not count.
func frozen(c Cluster, s *Active) any {
	pids := map[string]int{}
	for _, node := range s.Nodes {
		p := c.Process(node)
		if !same(c, s, node) || !p.Paused {
			return nil
		}
		pids[node] = p.PID
	}
	return map[string]any{"state": "T", "pid": pids}
}

// thawed is the evidence that no process of the step is in state T any more.
func thawed(c Cluster, s *Active) any {
	for _, node := range s.Nodes {
		if same(c, s, node) && c.Process(node).Paused {
			return nil
		}
	}
	return map[string]any{"resumed": s.Nodes}
}
