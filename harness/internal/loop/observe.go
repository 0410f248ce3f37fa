package loop

import (
	"errors"
	"slices"

	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/contract"
)

// said takes a node's line into the history: an answer or an observation.
func (r *runner) said(e world.Said) {
	m := r.nodes[e.Node]
	if !m.running || e.Incarnation != m.incarnation {
		return
	}
	me := m.self()
	switch b := e.Body.(type) {
	case *node.Deliver:
		m.delivered = true
		if err := contract.Member(b.Sender, "the sender of "+b.Msg, r.plan.Nodes); err != nil && r.forming() {
			r.misnamed(m, b, err)
			return
		}
		r.observe(history.Event{
			Type: history.Deliver, Member: me, Msg: b.Msg, Sender: r.named(b.Sender), View: b.View, State: b.State,
		})
		if got := r.probes[b.Msg]; got != nil {
			got[me] = true
		}
		r.sawDelivery(b.Msg, m.name)
	case node.Send:
		r.observe(history.Event{Type: history.Send, Member: me, Msg: b.Msg, View: b.View})
	case node.View:
		r.installed(m, b)
	case node.Flush:
		t := history.Block
		if b.Type == node.TypeUnblock {
			t = history.Unblock
		}
		r.observe(history.Event{Type: t, Member: me})
	case node.Evict:
		r.observe(history.Event{Type: history.Evict, Member: me, Reason: b.Reason})
		r.evicted(m)
	case node.Error:
		r.replied(m, b.Head, b)
	case node.ReadOK:
		r.replied(m, b.Head, b)
	case node.OK:
		if b.InReplyTo != 0 { // else idle, which real time does not need
			r.replied(m, b.Head, b)
		}
	}
}

// maxBabble is how many lines that are none of the contract's a process may
// write before it answers init; a greeting may be some of them.
const maxBabble = 1000

// garbled takes note of a line that could not be read: it breaks the contract, or is
// a stray word. Each process's first stray word is told; one that writes nothing else
// ends the start of a run early.
func (r *runner) garbled(e world.Garbled) {
	m := r.nodes[e.Node]
	var b *contract.Breach
	if errors.As(e.Err, &b) && e.Incarnation == m.incarnation {
		r.breached(m, b, e.Line)
		return
	}
	r.outcome.Garbled++
	if e.Incarnation != m.incarnation {
		return
	}
	if e.Lost {
		r.observe(history.Event{Type: history.Lost, Member: m.self(), Reason: e.Err.Error()})
	}
	m.babble++
	if m.babble == 1 {
		m.babbled = e.Line
		r.log.Warn("a node wrote a line that is none of the contract's", "node", e.Node, "line", e.Line, "error", e.Err)
	}
	if m.babble == maxBabble && !m.ready {
		r.initFailed(m, "it only talks")
	}
}

func (r *runner) observe(e history.Event) {
	r.quiet = r.world.Now()
	r.record.event(e)
}

func (r *runner) installed(m *member, v node.View) {
	for _, name := range v.Members {
		if err := contract.Member(name, "view "+v.View, r.plan.Nodes); err != nil && r.forming() {
			r.misnamed(m, v, err)
			return
		}
	}
	r.record.decide(slices.ContainsFunc(v.Members, isBare))
	members := make([]string, len(v.Members))
	for i, name := range v.Members {
		members[i] = r.named(name)
	}
	m.view, m.members = v.View, members
	m.wasIn = m.wasIn || m.in()
	if v.Primary == nil || *v.Primary {
		r.view = members
		if r.first[v.View] == 0 {
			r.first[v.View] = len(r.first) + 1
		}
	}
	r.observe(history.Event{Type: history.View, Member: m.self(), View: v.View, Members: members, Primary: v.Primary, After: v.After})
}

// named gives a member its incarnation, where the system writes bare node names.
func (r *runner) named(name string) string {
	if m := r.nodes[name]; m != nil && isBare(name) {
		return m.self()
	}
	return name // if it is nobody we know, the checker will say so
}

func isBare(name string) bool {
	_, incarnation := node.SplitMember(name)
	return incarnation == 0
}

// evicted ends a process that learned that it is no longer a member. It can
// never come back as what it was; its node joins again as a new incarnation.
func (r *runner) evicted(m *member) {
	m.evicted = true
	starts := m.starts
	r.agenda.add(r.world.Now()+Micros(r.plan.Limits.RejoinMicros), func() {
		if m.starts == starts && m.running && m.wanted && r.mayRejoin() {
			r.shutdown(m)
		}
	})
}

// settled reports whether all live nodes are in one view that holds exactly
// them.
func (r *runner) settled() bool {
	var view string
	var live []string
	for _, name := range r.plan.Nodes {
		m := r.nodes[name]
		if !m.running {
			continue
		}
		if !m.in() || view != "" && m.view != view {
			return false
		}
		view = m.view
		live = append(live, m.self())
	}
	for _, name := range r.plan.Nodes {
		if m := r.nodes[name]; m.running && !sameSet(m.members, live) {
			return false
		}
	}
	return true
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}
