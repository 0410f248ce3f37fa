package shrink

import (
	"slices"
	"strings"
	"time"

	"groupy/harness/plan"
	"groupy/nemesis"
	"groupy/nemesis/link"
)

// simplifications make what is left of a plan plainer without taking a step or an
// operation away. Each gives its candidates, plainest first. Every candidate is
// plainer in its own respect and in no other less plain, so that simplifying
// comes to an end: fewer nodes, narrower and simpler faults, shorter times, names
// from the first on.
//
// It is the visible list: a new one is a line here.
var simplifications = []func(*plan.Plan) []*plan.Plan{
	fewerNodes, otherAskers, plainerSteps, narrowerLinks, plainerRules, shorterHolds, closerTogether, inOrderNames,
}

// fewerNodes takes one node away, the last first.
func fewerNodes(p *plan.Plan) (plans []*plan.Plan) {
	for _, name := range slices.Backward(p.Nodes) {
		plans = append(plans, withoutNode(p, name))
	}
	return plans
}

// otherAskers asks a node with a smaller number, so that fewer nodes matter.
func otherAskers(p *plan.Plan) (plans []*plan.Plan) {
	for i, op := range p.Ops {
		for _, name := range p.Nodes[:max(0, slices.Index(p.Nodes, op.Node))] {
			q := p.Clone()
			q.Ops[i].Node = name
			plans = append(plans, q)
		}
	}
	return plans
}

// edited gives one candidate for each change of the i-th step.
func edited(p *plan.Plan, i int, edits ...func(*nemesis.Step)) (plans []*plan.Plan) {
	for _, edit := range edits {
		q := p.Clone()
		edit(&q.Faults[i])
		plans = append(plans, q)
	}
	return plans
}

// plainerSteps aims faults at one node instead of several, at nodes instead of
// roles, at smaller numbers instead of larger ones, and takes nodes out of cuts.
func plainerSteps(p *plan.Plan) (plans []*plan.Plan) {
	for i, s := range p.Faults {
		if several := strings.Split(s.Target, ","); len(several) > 1 {
			for _, one := range several {
				plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.Target = one })...)
			}
		}
		for g, group := range s.Groups {
			for m, name := range group {
				if len(group) > 1 {
					plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.Groups[g] = slices.Delete(s.Groups[g], m, m+1) })...)
				}
				if name != nemesis.Others && name != nemesis.Missed {
					continue
				}
				for _, node := range p.Nodes {
					plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.Groups[g][m] = node })...)
				}
			}
		}
		if s.When != nil && slices.Contains(p.Nodes, s.When.From) && slices.Contains(namedBy(&s), nemesis.Sender) {
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { rename(s, nemesis.Sender, s.When.From) })...)
		}
		if s.When != nil && s.When.Skip > 0 {
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.When.Skip = 0 }, func(s *nemesis.Step) { s.When.Skip-- })...)
		}
		plans = append(plans, renamedIn(p, i)...)
	}
	return plans
}

// renamedIn puts a node with a smaller number in the place of a role or a node
// that the i-th step names.
func renamedIn(p *plan.Plan, i int) (plans []*plan.Plan) {
	names := namedBy(&p.Faults[i])
	for _, old := range names {
		rank := slices.Index(p.Nodes, old)
		if rank < 0 { // a role
			rank = len(p.Nodes)
		}
		for _, node := range p.Nodes[:rank] {
			if old == nemesis.Others || old == nemesis.Missed || old == nemesis.Passed || slices.Contains(names, node) {
				continue
			}
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { rename(s, old, node) })...)
		}
	}
	return plans
}

// everyName calls f with the place of each name in a step, but for its target.
func everyName(s *nemesis.Step, f func(name *string)) {
	each := func(list []string) {
		for i := range list {
			f(&list[i])
		}
	}
	for _, group := range s.Groups {
		each(group)
	}
	for i := range s.Links {
		each(s.Links[i][:])
	}
	if s.When != nil {
		f(&s.When.From)
		each(s.When.Pass)
	}
}

// namedBy is every node and role that a step names, once.
func namedBy(s *nemesis.Step) []string {
	var names []string
	if s.Target != "" {
		names = strings.Split(s.Target, ",")
	}
	everyName(s, func(name *string) { names = append(names, *name) })
	slices.Sort(names)
	return slices.Compact(names)
}

func rename(s *nemesis.Step, old, name string) {
	targets := strings.Split(s.Target, ",")
	for i := range targets {
		if targets[i] == old {
			targets[i] = name
		}
	}
	s.Target = strings.Join(targets, ",")
	everyName(s, func(place *string) {
		if *place == old {
			*place = name
		}
	})
}

// narrowerLinks lets a link fault act on one link, or on those from or to one
// node, instead of all, and on fewer of those that it names.
func narrowerLinks(p *plan.Plan) (plans []*plan.Plan) {
	for i, s := range p.Faults {
		for _, links := range narrower(s, p.Nodes) {
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.Links = links })...)
		}
	}
	return plans
}

func narrower(s nemesis.Step, nodes []string) (choices [][][2]string) {
	if len(s.Links) > 1 {
		for _, one := range s.Links {
			choices = append(choices, [][2]string{one})
		}
		for k := range s.Links {
			choices = append(choices, slices.Delete(slices.Clone(s.Links), k, k+1))
		}
	}
	if len(s.Links) > 0 || s.Rule == nil && s.Fault != "reset" {
		return choices
	}
	var from, to [][][2]string
	for _, a := range nodes {
		var out, in [][2]string
		for _, b := range nodes {
			if a != b {
				choices = append(choices, [][2]string{{a, b}})
				out, in = append(out, [2]string{a, b}), append(in, [2]string{b, a})
			}
		}
		from, to = append(from, out), append(to, in)
	}
	if len(nodes) < 3 { // then these are the single links again
		return choices
	}
	return slices.Concat(choices, from, to)
}

// plainerRules takes one effect out of a rule, makes a chance a certainty, and
// shortens delays.
func plainerRules(p *plan.Plan) (plans []*plan.Plan) {
	for i, s := range p.Faults {
		if s.Rule == nil {
			continue
		}
		for _, r := range plainer(*s.Rule) {
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { *s.Rule = r })...)
		}
	}
	return plans
}

func plainer(r link.Rule) (rules []link.Rule) {
	add := func(edit func(*link.Rule)) {
		q := r
		if edit(&q); q != r && q != (link.Rule{}) {
			rules = append(rules, q)
		}
	}
	add(func(q *link.Rule) { q.Drop = 0 })
	add(func(q *link.Rule) { q.Duplicate = 0 })
	add(func(q *link.Rule) { q.Reorder = 0 })
	add(func(q *link.Rule) { q.BytesPerSec = 0 })
	for _, chance := range []func(*link.Rule) *float64{
		func(q *link.Rule) *float64 { return &q.Drop },
		func(q *link.Rule) *float64 { return &q.Duplicate },
		func(q *link.Rule) *float64 { return &q.Reorder },
	} {
		if *chance(&r) > 0 {
			add(func(q *link.Rule) { *chance(q) = 1 })
		}
	}
	for _, us := range shorter(r.Delay.Microseconds()) {
		add(func(q *link.Rule) { q.Delay = time.Duration(us) * time.Microsecond })
	}
	for _, us := range shorter(r.Jitter.Microseconds()) {
		add(func(q *link.Rule) { q.Jitter = time.Duration(us) * time.Microsecond })
	}
	return rules
}

// inOrderNames are the names without gaps, all at once and each kind alone.
func inOrderNames(p *plan.Plan) (plans []*plan.Plan) {
	all := p
	for _, rename := range renamings {
		if q := rename(all); q != nil {
			all = q
		}
		plans = append(plans, rename(p))
	}
	if all == p {
		return nil
	}
	return append([]*plan.Plan{all}, plans...)
}
