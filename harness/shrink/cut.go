package shrink

import (
	"maps"
	"slices"
	"strings"

	"groupy/harness/plan"
	"groupy/nemesis"
	"groupy/workloads"
)

// What can be taken out of a plan. Each function is pure: it gives a new plan and
// shares nothing with the old one that a later change could touch.

// onlyRequested forgets requests for faults that the plan no longer has.
func onlyRequested(p *plan.Plan) *plan.Plan {
	p.Requested = slices.DeleteFunc(p.Requested, func(name string) bool {
		return !slices.ContainsFunc(p.Faults, func(s nemesis.Step) bool { return s.Fault == name })
	})
	return p
}

// withFaults keeps the fault steps of the given numbers.
func withFaults(p *plan.Plan, kept []int) *plan.Plan {
	q := p.Clone()
	q.Faults = picked(q.Faults, kept)
	return onlyRequested(q)
}

// withOps keeps the operations of the given numbers: first those of the
// bootstrap, then the others.
func withOps(p *plan.Plan, kept []int) *plan.Plan {
	q := p.Clone()
	n, _ := slices.BinarySearch(kept, len(p.Bootstrap))
	q.Bootstrap = picked(p.Bootstrap, kept[:n])
	q.Ops = nil
	for _, k := range kept[n:] {
		q.Ops = append(q.Ops, p.Ops[k-len(p.Bootstrap)])
	}
	return q
}

func picked[T any](all []T, kept []int) []T {
	var some []T
	for _, k := range kept {
		some = append(some, all[k])
	}
	return some
}

// clients are the numbers of all clients of a plan, in order.
func clients(p *plan.Plan) []int {
	seen := map[int]bool{}
	for _, op := range slices.Concat(p.Bootstrap, p.Ops) {
		seen[op.Client] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// withClients keeps the operations of some clients.
func withClients(p *plan.Plan, clients []int) *plan.Plan {
	q := p.Clone()
	other := func(op workloads.Op) bool { return !slices.Contains(clients, op.Client) }
	q.Bootstrap = slices.DeleteFunc(q.Bootstrap, other)
	q.Ops = slices.DeleteFunc(q.Ops, other)
	return q
}

// withoutNode is the plan for a group without a node: without its operations and
// without its part in faults. A fault that has nothing left to act on is gone
// too. It gives nil for the last node.
func withoutNode(p *plan.Plan, name string) *plan.Plan {
	k := slices.Index(p.Nodes, name)
	if k < 0 || len(p.Nodes) == 1 {
		return nil
	}
	q := p.Clone()
	q.Nodes = slices.Delete(q.Nodes, k, k+1)
	its := func(op workloads.Op) bool { return op.Node == name }
	q.Ops = slices.DeleteFunc(q.Ops, its)
	q.Bootstrap = slices.DeleteFunc(q.Bootstrap, its)
	for i := range q.Bootstrap { // round k is asked with the join of node k+1
		if op := &q.Bootstrap[i]; op.AtMicros >= int64(k) {
			op.AtMicros = max(0, op.AtMicros-1)
		}
	}
	q.Faults = slices.DeleteFunc(q.Faults, func(s nemesis.Step) bool { return lacks(s, name) })
	for i := range q.Faults {
		forget(&q.Faults[i], name)
	}
	return onlyRequested(q)
}

// lacks reports whether a step would have nothing to act on without a node.
func lacks(s nemesis.Step, name string) bool {
	alone := func(group []string) bool { return len(group) == 1 && group[0] == name }
	switch {
	case s.Target == name, slices.ContainsFunc(s.Groups, alone):
		return true
	case s.When != nil && (s.When.From == name || alone(s.When.Pass)):
		return true
	case len(s.Links) > 0:
		return !slices.ContainsFunc(s.Links, func(l [2]string) bool { return !slices.Contains(l[:], name) })
	}
	return false
}

// forget takes a node out of all lists of a step.
func forget(s *nemesis.Step, name string) {
	is := func(other string) bool { return other == name }
	if s.Target != "" {
		s.Target = strings.Join(slices.DeleteFunc(strings.Split(s.Target, ","), is), ",")
	}
	for i := range s.Groups {
		s.Groups[i] = slices.DeleteFunc(s.Groups[i], is)
	}
	s.Links = slices.DeleteFunc(s.Links, func(l [2]string) bool { return slices.Contains(l[:], name) })
	if s.When != nil {
		s.When.Pass = slices.DeleteFunc(s.When.Pass, is)
	}
}
