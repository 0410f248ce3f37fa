package verdict

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/node"
	"groupy/workloads"
)

// gates counts whether enough happened in a run for it to mean anything. It
// counts events, never speed.
type gates struct {
	plan *plan.Plan
	must []string // operation kinds that must succeed

	follow   bool                       // the workload's operations wait for one another
	after    map[string]workloads.Op    // by message: the operations that wait for another
	acked    map[string]bool            // messages
	saw      map[string]map[string]bool // message → nodes that delivered it, of those that are waited for
	followed int                        // operations asked after what they waited for

	open        map[string]string // process → node, of open operations
	concurrent  int               // operations that began while another node's was open
	viewsInMain int               // view changes with an operation open
	succeeded   map[string]int    // by f
	begun       map[string]int    // by fault
	skips       map[string]string // by fault: the last reason
	final       bool
}

func newGates(p *plan.Plan, w workloads.Workload) *gates {
	g := &gates{
		plan: p, must: w.MustSucceed, open: map[string]string{},
		succeeded: map[string]int{}, begun: map[string]int{}, skips: map[string]string{},
		follow: w.MustFollow, after: map[string]workloads.Op{}, acked: map[string]bool{}, saw: map[string]map[string]bool{},
	}
	for _, op := range p.Ops {
		if op.After != "" {
			g.after[op.Message()] = op
			g.saw[op.After] = map[string]bool{}
		}
	}
	return g
}

// see takes one event of the history.
func (g *gates) see(e *history.Event) {
	switch e.Type {
	case history.Invoke:
		if e.F == node.TypeJoin || e.F == node.TypeLeave {
			return
		}
		for _, other := range g.open {
			if other != e.Node {
				g.concurrent++
				break
			}
		}
		g.open[e.Process] = e.Node
		g.asked(e)
	case history.OK, history.Fail, history.Info:
		delete(g.open, e.Process)
		if e.Type == history.OK {
			g.succeeded[e.F]++
			g.acked[MessageOf(e)] = true
		}
	case history.Deliver:
		if saw := g.saw[e.Msg]; saw != nil {
			name, _ := node.SplitMember(e.Member)
			saw[name] = true
		}
	case history.View:
		if len(g.open) > 0 {
			g.viewsInMain++
		}
	case history.Fault:
		switch e.Phase {
		case history.FaultBegin:
			g.begun[e.Fault]++
		case history.FaultSkip:
			g.skips[e.Fault] = e.Reason
		}
	case history.Phase:
		g.final = g.final || e.Phase == history.PhaseFinal
	}
}

// asked counts an operation that came after what it waited for.
func (g *gates) asked(e *history.Event) {
	op, waited := g.after[MessageOf(e)]
	if waited && (op.Seen && g.saw[op.After][op.Node] || !op.Seen && g.acked[op.After]) {
		g.followed++
	}
}

// MessageOf is the id of a multicast's message, "" for any other operation.
func MessageOf(e *history.Event) (id string) {
	if e.F == node.TypeMulticast {
		_ = json.Unmarshal(e.Value, &id)
	}
	return id
}

// Gate is one of the counts that a run must not lack.
type Gate struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Need  string `json:"need"`
}

// counts lists every gate with its count.
func (g *gates) counts() []Gate {
	list := []Gate{
		{"concurrent-senders", g.concurrent, "operations that began while another node's was open"},
		{"view-change-in-flight", g.viewsInMain, "views installed while an operation was open"},
	}
	for _, f := range g.must {
		list = append(list, Gate{"succeeded-" + f, g.succeeded[f], "operations of kind " + f + " that took effect"})
	}
	if g.follow {
		list = append(list, Gate{"followed", g.followed, "operations that were asked after what they had waited for"})
	}
	if len(g.plan.Faults) > 0 {
		all := 0
		for _, n := range g.begun {
			all += n
		}
		list = append(list, Gate{"faults", all, "faults of the plan that took hold"})
	}
	requested := slices.Clone(g.plan.Requested)
	slices.Sort(requested)
	for _, name := range slices.Compact(requested) {
		list = append(list, Gate{"fault-" + name, g.begun[name], "times that the fault " + name + " took hold"})
	}
	return list
}

// missing gives a reason for every gate that stayed empty.
func (g *gates) missing() []checker.Reason {
	var reasons []checker.Reason
	for _, c := range g.counts() {
		if c.Count > 0 || len(g.plan.Nodes) < 2 && !strings.HasPrefix(c.Name, "succeeded-") {
			continue
		}
		text := "none of the " + c.Need
		if name, ok := strings.CutPrefix(c.Name, "fault-"); ok && g.skips[name] != "" {
			text += fmt.Sprintf(" (last skipped: %s)", g.skips[name])
		}
		reasons = append(reasons, checker.Reason{Code: "gate-" + c.Name, Text: text})
	}
	return reasons
}
