package nemesis

import (
	"fmt"
	"slices"

	"groupy/nemesis/link"
)

// What all faults on links have in common: rules on directed pairs, under the
// step's id, and the counters of these pairs as evidence.

// hold puts the rule on the pairs, and notes what they have counted so far.
func hold(c Cluster, s *Active, pairs [][2]string, r link.Rule) error {
	if len(pairs) == 0 {
		return fmt.Errorf("%s has no link to act on among %d nodes", s.Fault, len(c.Nodes()))
	}
	s.Pairs, s.Mark = pairs, map[[2]string]link.Counters{}
	for _, p := range pairs {
		s.Mark[p] = c.Counters(p[0], p[1])
	}
	if r != (link.Rule{}) {
		for _, p := range pairs {
			c.SetRule(s.ID, p[0], p[1], r)
		}
	}
	return nil
}

// letGo takes the step's rules back.
func letGo(c Cluster, s *Active) error {
	c.ClearRules(s.ID)
	return nil
}

// since adds up a counter over the step's pairs, from when the step began, and
// says how many of them it has grown on.
func since(c Cluster, s *Active, count func(link.Counters) int64) (sum int64, on int) {
	for _, p := range s.Pairs {
		if n := count(c.Counters(p[0], p[1])) - count(s.Mark[p]); n > 0 {
			sum += n
			on++
		}
	}
	return sum, on
}

// counted is evidence by a counter that has grown: what it is called, how much,
// on how many links of how many. nil if it has not.
func counted(name string, count func(link.Counters) int64) func(Cluster, *Active) any {
	return func(c Cluster, s *Active) any {
		n, on := since(c, s, count)
		if n == 0 {
			return nil
		}
		return map[string]any{name: n, "on_links": on, "of_links": len(s.Pairs)}
	}
}

// cleared is the evidence after letGo: the links hold no rule of the step from
// then on, and this is what they did while they did.
func cleared(name string, count func(link.Counters) int64) func(Cluster, *Active) any {
	return func(c Cluster, s *Active) any {
		n, on := since(c, s, count)
		return map[string]any{"rules_left": 0, name: n, "on_links": on, "of_links": len(s.Pairs)}
	}
}

// quiet says why a link fault has no evidence.
func quiet(c Cluster, s *Active) string {
	if n, _ := since(c, s, func(k link.Counters) int64 { return k.Unframed }); n > 0 {
		return "the traffic is not framed, so there are no messages to act on"
	}
	if n, _ := since(c, s, func(k link.Counters) int64 { return k.Passed + k.Cut + k.Dropped }); n == 0 {
		return "nothing was sent on its links"
	}
	return ""
}

// allPairs is every directed pair of nodes.
func allPairs(nodes []string) (pairs [][2]string) {
	for _, from := range nodes {
		for _, to := range nodes {
			if from != to {
				pairs = append(pairs, [2]string{from, to})
			}
		}
	}
	return pairs
}

// resolvePairs gives the step's links with targets resolved; all links if it
// names none. A pair whose ends turn out to be one node is left out.
func resolvePairs(c Cluster, s *Active) (pairs [][2]string, err error) {
	if len(s.Links) == 0 {
		return allPairs(c.Nodes()), nil
	}
	for _, l := range s.Links {
		var p [2]string
		for i, name := range l {
			if p[i], err = c.Resolve(name); err != nil {
				return nil, err
			}
		}
		if p[0] != p[1] && !slices.Contains(pairs, p) {
			pairs = append(pairs, p)
		}
	}
	return pairs, nil
}
