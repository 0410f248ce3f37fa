package shrink

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"groupy/harness/internal/loop"
	"groupy/harness/plan"
	"groupy/node"
	"groupy/workloads"
)

// The names of a shrunk plan, without the gaps that the shrinking left: n1, n2, …
// and m1, m2, … and clients and faults from the first number on. A name is the
// key of random choices, so a plan with new names is a candidate like any other.

// renamings is the visible list, each a plan of its own or nil where nothing
// would change.
var renamings = []func(*plan.Plan) *plan.Plan{nodesInOrder, messagesInOrder, clientsInOrder, faultsInOrder}

func nodesInOrder(p *plan.Plan) *plan.Plan {
	names := map[string]string{}
	changed := false
	for i, old := range p.Nodes {
		names[old] = "n" + strconv.Itoa(i+1)
		changed = changed || old != names[old]
	}
	if !changed {
		return nil
	}
	to := func(name string) string {
		if found, ok := names[name]; ok {
			return found
		}
		return name // a role
	}
	all := func(list []string) {
		for i := range list {
			list[i] = to(list[i])
		}
	}
	q := p.Clone()
	all(q.Nodes)
	for _, ops := range [][]workloads.Op{q.Bootstrap, q.Ops} {
		for i := range ops {
			ops[i].Node = to(ops[i].Node)
		}
	}
	for i := range q.Faults {
		s := &q.Faults[i]
		targets := strings.Split(s.Target, ",")
		all(targets)
		s.Target = strings.Join(targets, ",")
		for _, group := range s.Groups {
			all(group)
		}
		for k := range s.Links {
			all(s.Links[k][:])
		}
		if s.When != nil {
			s.When.From = to(s.When.From)
			all(s.When.Pass)
		}
	}
	return q
}

// messagesInOrder numbers the multicasts, and with them the triggers that wait
// for one.
func messagesInOrder(p *plan.Plan) *plan.Plan {
	q := p.Clone()
	names := map[string]string{}
	for _, ops := range [][]workloads.Op{q.Bootstrap, q.Ops} {
		for i := range ops {
			var old string
			if ops[i].F != node.TypeMulticast || json.Unmarshal(ops[i].Value, &old) != nil {
				continue
			}
			if _, taken := names[old]; !taken {
				names[old] = workloads.MessageID(len(names))
			}
			ops[i].Value = loop.Raw(names[old])
		}
	}
	changed := false
	for old, name := range names {
		changed = changed || old != name
	}
	if !changed {
		return nil
	}
	for i, op := range q.Ops {
		q.Ops[i].After = names[op.After] // "" if the plan lacks it: nobody waits for that
	}
	for i := range q.Faults {
		if when := q.Faults[i].When; when != nil && names[when.Frame] != "" {
			when.Frame = names[when.Frame]
		}
	}
	return q
}

func clientsInOrder(p *plan.Plan) *plan.Plan {
	clients := clients(p)
	if len(clients) == 0 || clients[len(clients)-1] == len(clients)-1 {
		return nil
	}
	q := p.Clone()
	for _, ops := range [][]workloads.Op{q.Bootstrap, q.Ops} {
		for i := range ops {
			ops[i].Client = slices.Index(clients, ops[i].Client)
		}
	}
	return q
}

func faultsInOrder(p *plan.Plan) *plan.Plan {
	q := p.Clone()
	changed := false
	for i := range q.Faults {
		id := "f" + strconv.Itoa(i+1)
		changed = changed || id != q.Faults[i].ID
		q.Faults[i].ID = id
	}
	if !changed {
		return nil
	}
	return q
}
