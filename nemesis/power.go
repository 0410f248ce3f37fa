package nemesis

import (
	"errors"
	"slices"
	"strings"

	"groupy/nemesis/disk"
	"groupy/node"
	"groupy/node/draw"
)

// A kill leaves to the kernel what a process has written; the loss of power does not.

// callWithin is how long a power loss waits for its moment, in microseconds: a node
// that keeps nothing meanwhile is idle.
const callWithin = 1_000_000

var powerLoss = Fault{
	Name:     "power-loss",
	Parts:    true,
	Keeps:    true,
	Disk:     true,
	Sentence: "some or all nodes lose power together: they die (SIGKILL), what they had written and not synced is gone, wholly, in part or torn, and they come back at once",
	Words:    Words{One: "loses power, and is started again at once", Many: "lose power, and are started again at once"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Way = disk.Ways[k.With("way").Intn(len(disk.Ways))]
		if s.Target = list(nodes); k.With("some").Chance(0.4) {
			s.Target = some(k.With("target"), nodes)
		}
		if k.With("amid").Chance(0.75) { // in the middle of what one of them keeps
			first, _, _ := strings.Cut(s.Target, ",")
			if s.Target == list(nodes) {
				first = pickOne(k.With("first"), append([]string{Leader}, nodes...))
			}
			s.When = &When{From: first, Calls: 1 + k.With("calls").Intn(8), WithinMicros: callWithin}
		}
	},
	Begin: func(c Cluster, s *Active) error {
		if err := resolve(c, s); err != nil {
			return err
		}
		s.Nodes = slices.DeleteFunc(s.Nodes, func(name string) bool { return !s.Was[name].Running })
		if len(s.Nodes) == 0 {
			return errors.New("no node is running")
		}
		s.Taken = map[string]*disk.Taken{}
		return each(s, func(name string) error { return c.PowerOff(s.ID, name, s.Way) })
	},
	Held: powerLost,
	End:  func(Cluster, *Active) error { return nil },
	Gone: rejoined,
}

// powerLost notes what each disk has lost before it starts the node again, and is the
// evidence that all have been.
func powerLost(c Cluster, s *Active) any {
	for _, name := range s.Nodes {
		now := c.Process(name)
		if s.Taken[name] == nil && !now.Running && now.Starts == s.Was[name].Starts {
			s.Taken[name] = c.Taken(name)
		}
		if s.Taken[name] == nil {
			return nil // asked again after each event
		}
	}
	proof, _ := restarted(c, s).(map[string]any)
	if proof == nil {
		return nil
	}
	taken := map[string]any{}
	for _, name := range s.Nodes {
		taken[node.MemberName(name, s.Was[name].Incarnation)] = s.Taken[name]
	}
	proof["taken_back"] = taken
	return proof
}

// What a sync had brought to the disk is no safer than the disk is. A member whose
// data is damaged is lost; it may say so and come back as another, and must not make
// something of what is left.
var diskCorrupt = Fault{
	Name:     "disk-corrupt",
	Absent:   true,
	Keeps:    true,
	Disk:     true,
	Damages:  func(s *Active, node string) bool { return s.Rotten[node] != nil },
	Sentence: "nodes die (SIGKILL), bits of what they had synced flip while they are down, and they come back: which they should notice, and not repair",
	Words:    Words{One: "is killed, and what it has stored is damaged", Many: "are killed, and what they have stored is damaged"},
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Target = single(k.With("target"), nodes)
	},
	Begin: func(c Cluster, s *Active) error {
		s.Rotten = map[string]map[string]int{}
		return takeAway(c, s, c.Kill)
	},
	Held: func(c Cluster, s *Active) any {
		proof, _ := away(c, s).(map[string]any)
		if proof == nil {
			return nil
		}
		for _, name := range s.Nodes {
			if s.Rotten[name] != nil {
				continue
			}
			flipped, err := c.Corrupt(s.ID, name)
			if err != nil || flipped == nil {
				return nil
			}
			s.Rotten[name] = flipped
		}
		proof["bytes_flipped"] = s.Rotten
		return proof
	},
	End: bringBack, Gone: back,
	Why: func(Cluster, *Active) string { return "the node had nothing on its disk" },
}
