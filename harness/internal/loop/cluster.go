package loop

import (
	"errors"
	"fmt"

	"groupy/checker/history"
	"groupy/nemesis"
	"groupy/node"
)

// cluster is what the run loop shows of itself to a fault.
type cluster struct {
	nemesis.Rules
	nemesis.Disks
	r *runner
}

var _ nemesis.Cluster = cluster{}

func (r *runner) cluster() cluster { return cluster{r.world.Links(), r.world.Disks(), r} }

func (c cluster) Nodes() []string { return c.r.plan.Nodes }

func (c cluster) Process(name string) nemesis.Process {
	m := c.r.nodes[name]
	if m == nil {
		return nemesis.Process{}
	}
	return nemesis.Process{
		Incarnation: m.incarnation,
		Starts:      m.starts,
		PID:         m.pid,
		Running:     m.running,
		Refused:     m.refused,
		Paused:      m.running && c.r.world.Paused(name),
		Joined:      m.in(),
	}
}

// Resolve implements nemesis.Cluster. The leader is the first member of the view
// that was installed last; the next in line is the first after it that runs; the
// joiner is the first node whose join is open, or else the view's last member.
func (c cluster) Resolve(target string) (string, error) {
	view := c.r.view
	switch target {
	case "leader":
		if len(view) == 0 {
			return "", errors.New("no leader: no view is installed")
		}
		return c.running(view[0])
	case "next":
		for i, name := range view {
			if found, err := c.running(name); i > 0 && err == nil {
				return found, nil
			}
		}
		return "", errors.New("nobody is next in line: no other member of the view runs")
	case "joiner":
		for _, name := range c.r.plan.Nodes {
			if c.r.nodes[name].joining {
				return name, nil
			}
		}
		if len(view) == 0 {
			return "", errors.New("no joiner: no view is installed")
		}
		return c.running(view[len(view)-1])
	}
	if c.r.nodes[target] == nil {
		return "", fmt.Errorf("no node %q; targets are nodes, leader, next and joiner", target)
	}
	return target, nil
}

// running gives the node of a member whose process runs.
func (c cluster) running(member string) (string, error) {
	name, _ := node.SplitMember(member)
	if m := c.r.nodes[name]; m == nil || !m.running || m.self() != member {
		return "", fmt.Errorf("%s is down", member)
	}
	return name, nil
}

func (c cluster) must(name string) (*member, error) {
	m := c.r.nodes[name]
	if m == nil {
		return nil, fmt.Errorf("no node %q", name)
	}
	if !m.running {
		return nil, fmt.Errorf("%s is down", name)
	}
	return m, nil
}

func (c cluster) Kill(name string) error {
	m, err := c.must(name)
	if err != nil {
		return err
	}
	c.r.end(m)
	return nil
}

func (c cluster) PowerOff(id, name, way string) error {
	m, err := c.must(name)
	if err != nil {
		return err
	}
	was := m.asked
	m.asked = history.StopKill
	if err := c.Disks.PowerOff(id, name, way); err != nil {
		m.asked = was
		return err
	}
	return nil
}

func (c cluster) Pause(name string) error {
	if _, err := c.must(name); err != nil {
		return err
	}
	return c.r.world.Pause(name)
}

func (c cluster) Resume(name string) error {
	if _, err := c.must(name); err != nil {
		return err
	}
	return c.r.world.Resume(name)
}

func (c cluster) Shutdown(name string) error {
	m, err := c.must(name)
	if err != nil {
		return err
	}
	c.r.shutdown(m)
	return nil
}

func (c cluster) Leave(name string) error {
	m, err := c.must(name)
	if err != nil {
		return err
	}
	if !m.in() {
		return fmt.Errorf("%s is in no view that it could leave", name)
	}
	c.r.leave(name)
	return nil
}

func (c cluster) Restart(name string) error {
	m := c.r.nodes[name]
	if m == nil {
		return fmt.Errorf("no node %q", name)
	}
	m.wanted = true
	return c.r.start(name)
}
