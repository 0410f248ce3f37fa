package nemesis

import (
	"errors"

	"groupy/nemesis/disk"
	"groupy/node"
	"groupy/node/draw"
)

// The faults that make disks bad for a time.

var diskFull = onDisks(
	Fault{Name: "disk-full", Words: Words{One: "has a full disk from now on", Many: "have full disks from now on", Over: "has room again"}, Sentence: "disks have no room left (ENOSPC) for a time; a process that ends of it comes back when there is some", Absent: true, Refuses: true},
	func(draw.Key) disk.Rule { return disk.Rule{Full: true} },
	"refused", func(c disk.Counters) int64 { return c.Refused })

var diskError = onDisks(
	Fault{Name: "disk-error", Words: Words{One: "has a disk that fails from now on", Many: "have disks that fail from now on", Over: "has a sound disk again"}, Sentence: "disks fail writes, or syncs (EIO), for a time; what a failed sync was for can be read, and no later sync brings it to the disk", Absent: true, Refuses: true},
	func(k draw.Key) disk.Rule {
		return disk.Rule{Fails: []string{disk.FailsWrite, disk.FailsSync}[k.With("what").Intn(2)]}
	},
	"failed", func(c disk.Counters) int64 { return c.Failed })

var diskSlow = onDisks(
	Fault{Name: "disk-slow", Words: Words{One: "has a slow disk from now on", Many: "have slow disks from now on", Over: "has a fast disk again"}, Sentence: "disks take longer for each sync, for a time", Parts: true},
	func(k draw.Key) disk.Rule { return disk.Rule{Slow: milliseconds(k, 1, 300)} },
	"slowed", func(c disk.Counters) int64 { return c.Slowed })

// onDisks is a fault that holds one rule on some nodes' disks. What it does shows in
// one counter.
func onDisks(f Fault, rule func(draw.Key) disk.Rule, counter string, count func(disk.Counters) int64) Fault {
	since := func(c Cluster, s *Active) (sum int64) {
		for _, name := range s.Nodes {
			sum += count(c.DiskCounters(name)) - count(s.Counted[name])
		}
		return sum
	}
	f.Disk, f.Keeps = true, true
	f.Plan = func(k draw.Key, nodes []string, s *Step) {
		r := rule(k.With("rule"))
		s.Disk, s.Target = &r, some(k.With("target"), nodes)
	}
	f.Begin = func(c Cluster, s *Active) error {
		if s.Disk == nil || *s.Disk == (disk.Rule{}) {
			return errors.New("the step has no rule for a disk")
		}
		find := running
		if f.Absent { // who cannot write may go
			find = sparing
		}
		if err := find(c, s); err != nil {
			return err
		}
		s.Counted = map[string]disk.Counters{}
		return each(s, func(name string) error {
			s.Counted[name] = c.DiskCounters(name)
			return c.SetDisk(s.ID, name, *s.Disk)
		})
	}
	f.Held = func(c Cluster, s *Active) any {
		if n := since(c, s); n > 0 {
			return map[string]any{counter: n}
		}
		return nil
	}
	f.End = func(c Cluster, s *Active) error {
		c.ClearDisks(s.ID)
		return each(s, func(name string) error { return revive(c, s, name) }) // who has ended of it
	}
	f.Gone = func(c Cluster, s *Active) any {
		ended := []string{}
		for _, name := range s.Nodes {
			_ = revive(c, s, name) // asked again after each event
			switch p := c.Process(name); {
			case p.Refused:
				return nil
			case p.Starts != s.Was[name].Starts:
				ended = append(ended, node.MemberName(name, s.Was[name].Incarnation))
			case !p.Running:
				return nil
			}
		}
		return map[string]any{"rules_left": 0, counter: since(c, s), "ended": ended}
	}
	f.Why = func(Cluster, *Active) string {
		return "nothing asked the disks for what they would have refused or kept waiting"
	}
	return f
}
