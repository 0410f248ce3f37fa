package nemesis

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"groupy/node/draw"
)

// The roles that a target may name; only the run knows who has them.
const (
	Leader = "leader" // the first of the view installed last
	Next   = "next"   // who comes after it
	Joiner = "joiner" // who is joining, or joined last
	Others = "others" // in Groups only: all that no side names
)

// single draws one node, by name or by role.
func single(k draw.Key, nodes []string) string {
	switch x := k.With("role").Float(); {
	case x < 0.35:
		return Leader
	case x < 0.45:
		return Next
	case x < 0.5:
		return Joiner
	}
	return pickOne(k.With("node"), nodes)
}

// some draws a single node, or now and then a minority.
func some(k draw.Key, nodes []string) string {
	if few := minority(len(nodes)); few > 1 && k.With("several").Chance(0.15) {
		n := 2 + k.With("size").Intn(few-1)
		return list(draw.Shuffled(k.With("which"), nodes)[:n])
	}
	return single(k, nodes)
}

// anyOf draws a single node or a minority, or now and then a majority or all.
func anyOf(k draw.Key, nodes []string) string {
	switch x := k.With("how many").Float(); {
	case x < 0.05:
		return list(nodes)
	case x < 0.1:
		return list(draw.Shuffled(k.With("which"), nodes)[:len(nodes)/2+1])
	}
	return some(k, nodes)
}

// minority is the size of the largest minority of n: less than a half, and so
// nobody of two.
func minority(n int) int { return (n - 1) / 2 }

func pickOne(k draw.Key, nodes []string) string {
	if len(nodes) == 0 {
		return ""
	}
	return nodes[k.Intn(len(nodes))]
}

func list(nodes []string) string { return strings.Join(nodes, ",") }

// resolve finds the nodes that Target names now, each once, and notes what each
// is like.
func resolve(c Cluster, s *Active) error {
	if s.Target == "" {
		return errors.New("the step has no target")
	}
	s.Nodes, s.Was = nil, map[string]Process{}
	for _, name := range strings.Split(s.Target, ",") {
		node, err := c.Resolve(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		if slices.Contains(s.Nodes, node) {
			continue
		}
		s.Nodes = append(s.Nodes, node)
		s.Was[node] = c.Process(node)
	}
	if len(s.Nodes) == 1 {
		s.Node = s.Nodes[0]
	}
	return nil
}

// running is resolve for a fault that needs its targets' processes.
func running(c Cluster, s *Active) error {
	if err := resolve(c, s); err != nil {
		return err
	}
	for _, node := range s.Nodes {
		if !s.Was[node].Running {
			return fmt.Errorf("%s is not running", node)
		}
	}
	return nil
}

// sparing is running for a fault that takes its targets out of the group: it
// refuses to leave nobody behind, since a group without members has nothing that
// could go wrong, and nobody whom a new one could join; and it spares whom the
// cluster spares.
func sparing(c Cluster, s *Active) error {
	if err := running(c, s); err != nil {
		return err
	}
	for _, node := range c.Nodes() {
		if p := c.Process(node); p.Running && p.Joined && !slices.Contains(s.Nodes, node) {
			return c.Spare(s.Nodes)
		}
	}
	return fmt.Errorf("no other member would be left without %s", list(s.Nodes))
}

// each calls f for all nodes of the step, and gives the first error.
func each(s *Active, f func(node string) error) error {
	var first error
	for _, node := range s.Nodes {
		if err := f(node); err != nil && first == nil {
			first = err
		}
	}
	return first
}
