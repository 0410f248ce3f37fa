package nemesis

import (
	"errors"
	"fmt"
	"slices"

	"groupy/nemesis/link"
	"groupy/node/draw"
)

// The faults that cut links. Each but the ring is planned as Groups, the sides
// between which nothing passes; who is in no side keeps all links.

var partitionHalves = cut(
	"partition-halves", "the first half of the nodes and the second lose each other",
	func(_ draw.Key, nodes []string, s *Step) {
		s.Groups = sides(nodes, len(nodes)/2)
	})

var partitionRandomHalves = cut(
	"partition-random-halves", "two random halves of the nodes lose each other",
	func(k draw.Key, nodes []string, s *Step) {
		s.Groups = sides(draw.Shuffled(k.With("order"), nodes), len(nodes)/2)
	})

var partitionMinority = cut(
	"partition-minority", "a random minority and the majority lose each other",
	func(k draw.Key, nodes []string, s *Step) {
		if most := minority(len(nodes)); most > 0 {
			s.Groups = sides(draw.Shuffled(k.With("order"), nodes), 1+k.With("size").Intn(most))
		}
	})

var isolateOne = cut(
	"isolate-one", "one node and all others lose each other",
	func(k draw.Key, nodes []string, s *Step) {
		s.Groups = [][]string{{pickOne(k.With("node"), nodes)}, {Others}}
	})

var oneLink = cut(
	"one-link", "two nodes lose each other and nobody else; half the time they are the leader and the next in line",
	func(k draw.Key, nodes []string, s *Step) {
		if len(nodes) < 2 {
			return
		}
		ends := draw.Shuffled(k.With("ends"), nodes)[:2]
		if k.With("leader").Chance(0.5) {
			ends = []string{Leader, Next}
		}
		s.Groups = sides(ends, 1)
	})

var isolateLeader = cut(
	"isolate-leader", "the leader and all others lose each other",
	func(_ draw.Key, _ []string, s *Step) {
		s.Groups = [][]string{{Leader}, {Others}}
	})

var bridge = cut(
	"bridge", "two halves lose each other, but for one node between them that keeps all its links",
	func(k draw.Key, nodes []string, s *Step) {
		if len(nodes) > 2 {
			ends := draw.Shuffled(k.With("order"), nodes)[1:]
			s.Groups = sides(ends, len(ends)/2)
		}
	})

var oneWay = Fault{
	Name:     "one-way",
	Parts:    true,
	Sentence: "what one side sends is lost before the other, and what it hears is not",
	Plan:     planOneWay,
	Begin: func(c Cluster, s *Active) error {
		groups, err := resolveGroups(c, s)
		if err != nil {
			return err
		}
		if len(groups) != 2 {
			return fmt.Errorf("one-way needs two groups, senders and receivers, not %d", len(groups))
		}
		return hold(c, s, across(groups[0], groups[1]), link.Rule{Cut: true})
	},
	Held: counted("lost", lost), End: letGo, Gone: cleared("lost", lost), Why: quiet,
}

var majorityRing = Fault{
	Name:     "majority-ring",
	Parts:    true,
	Sentence: "every node sees a majority, and no two see the same",
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.Links = ringCuts(draw.Shuffled(k.With("order"), nodes))
	},
	Begin: func(c Cluster, s *Active) error {
		if len(s.Links) == 0 { // not «all of them» as for a link fault
			return fmt.Errorf("a majority ring needs 4 nodes, there are %d", len(c.Nodes()))
		}
		pairs, err := resolvePairs(c, s)
		if err != nil {
			return err
		}
		return hold(c, s, pairs, link.Rule{Cut: true})
	},
	Held: counted("lost", lost), End: letGo, Gone: cleared("lost", lost), Why: quiet,
}

// cut is a fault that cuts all links between its groups, both ways.
func cut(name, sentence string, plan func(draw.Key, []string, *Step)) Fault {
	return Fault{
		Name: name, Sentence: sentence, Plan: plan, Parts: true,
		Begin: func(c Cluster, s *Active) error {
			groups, err := resolveGroups(c, s)
			if err != nil {
				return err
			}
			return hold(c, s, between(groups), link.Rule{Cut: true})
		},
		Held: counted("lost", lost), End: letGo, Gone: cleared("lost", lost), Why: quiet,
	}
}

func lost(k link.Counters) int64 { return k.Cut }

// sides parts nodes after the first n.
func sides(nodes []string, n int) [][]string {
	return [][]string{slices.Clone(nodes[:n]), slices.Clone(nodes[n:])}
}

// planOneWay draws who is not heard, or hears nothing: one node, or a half.
func planOneWay(k draw.Key, nodes []string, s *Step) {
	switch one := single(k.With("node"), nodes); {
	case k.With("half").Chance(0.25):
		s.Groups = sides(draw.Shuffled(k.With("order"), nodes), len(nodes)/2)
	case k.With("deaf").Chance(0.5):
		s.Groups = [][]string{{Others}, {one}}
	default:
		s.Groups = [][]string{{one}, {Others}}
	}
}

// ringCuts is all links but those to the nearest neighbours on a ring, as many
// on each side as make a majority with the node itself. Of fewer than four nodes
// every such ring is complete, so nothing is cut.
func ringCuts(ring []string) (pairs [][2]string) {
	n := len(ring)
	reach := (n/2 + 1) / 2 // 2*reach+1 is the least odd number that is a majority of n
	for i, from := range ring {
		for far := reach + 1; far < n-reach; far++ {
			pairs = append(pairs, [2]string{from, ring[(i+far)%n]})
		}
	}
	return pairs
}

// across is every link from one of the first to one of the second.
func across(from, to []string) (pairs [][2]string) {
	for _, a := range from {
		for _, b := range to {
			pairs = append(pairs, [2]string{a, b})
		}
	}
	return pairs
}

// between is every link between two different groups, both ways.
func between(groups [][]string) (pairs [][2]string) {
	for i, a := range groups {
		for j, b := range groups {
			if i != j {
				pairs = append(pairs, across(a, b)...)
			}
		}
	}
	return pairs
}

// resolveGroups gives the step's groups with targets and «others» resolved. A
// node can be on one side only.
func resolveGroups(c Cluster, s *Active) ([][]string, error) {
	if len(s.Groups) < 2 {
		return nil, fmt.Errorf("%s cannot part %d nodes", s.Fault, len(c.Nodes()))
	}
	groups := make([][]string, len(s.Groups))
	named := map[string]bool{}
	rest := -1
	for i, group := range s.Groups {
		for _, name := range group {
			if name == Others {
				if rest >= 0 {
					return nil, errors.New("two groups hold «others»")
				}
				rest = i
				continue
			}
			node, err := c.Resolve(name)
			if err != nil {
				return nil, err
			}
			if named[node] {
				return nil, fmt.Errorf("%s is named twice in the groups", node)
			}
			named[node] = true
			groups[i] = append(groups[i], node)
		}
	}
	if rest < 0 {
		return groups, nil
	}
	for _, node := range c.Nodes() {
		if !named[node] {
			groups[rest] = append(groups[rest], node)
		}
	}
	return groups, nil
}
