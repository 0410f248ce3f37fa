package loop

import (
	"fmt"
	"maps"
	"slices"

	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/contract"
)

// member is a node of the plan as the run loop sees it: its present process and
// what it has said.
type member struct {
	name        string
	incarnation int // of the last start; 0: never started
	session     int // 1 and as many as starts of this incarnation have answered init before this one
	starts      int // of the node, over all incarnations
	pid         int
	running     bool
	ready       bool   // has answered init
	answered    bool   // the same, and stays so when the process has ended
	asked       string // "kill" or "shutdown", once the harness has asked its process to end
	wanted      bool   // is to be in the group; the harness joins it, again if need be
	joining     bool   // a join is open
	evicted     bool
	view        string   // installed last, by this incarnation
	members     []string // of that view
	wasIn       bool     // this process has installed a view that holds it
	delivered   bool     // it has said a delivery
	leaving     bool     // has been asked to leave
	damaged     bool     // has said that what it kept cannot be trusted
	why         string   // in its words
	refused     bool     // has answered init with another error; it is started again
	babble      int      // lines that were none of the contract's
	babbled     string   // the first of them, shortened
}

// member's own name in views.
func (m *member) self() string { return node.MemberName(m.name, m.incarnation) }

// in reports whether this incarnation has a view that holds it.
func (m *member) in() bool {
	return m.running && !m.evicted && slices.Contains(m.members, m.self())
}

// leads reports whether it is the first of the view that it installed last.
func (m *member) leads() bool { return len(m.members) > 0 && m.members[0] == m.self() }

// next is the member as its next process begins. Where nodes keep their state it is
// the same incarnation again, unless that has left the group for good or has lost
// what it kept.
func (r *runner) next(m *member) member {
	n := member{name: m.name, incarnation: m.incarnation + 1, session: 1, starts: m.starts + 1, wanted: m.wanted}
	if r.plan.Durable && m.starts > 0 && !m.evicted && !m.leaving && !m.damaged {
		n.incarnation, n.session = m.incarnation, m.session
		if m.answered {
			n.session++
		}
	}
	return n
}

// start starts a node's next process; after init is answered it joins, if it is
// wanted.
func (r *runner) start(name string) error {
	m := r.nodes[name]
	if m.running {
		return fmt.Errorf("%s is still running", m.self())
	}
	*m = r.next(m)
	if err := r.record.flush(); err != nil {
		return err
	}
	pid, err := r.world.Start(name, m.incarnation)
	if err != nil {
		return err
	}
	m.running, m.pid = true, pid
	r.record.event(history.Event{Type: history.Start, Node: name, Member: m.self(), PID: pid})
	c := call{node: name, f: node.TypeInit, done: func(a answer) {
		if a.outcome != history.OK {
			if m.damaged = a.code == node.CodePrecondition; m.damaged && r.plan.Durable {
				m.why = a.err
				r.note("%s lost what it kept and comes back as a new incarnation: %s", m.self(), a.err)
				r.end(m)
				return
			}
			r.initFailed(m, a.err)
			if a.code != 0 && r.phase != history.PhaseStart {
				m.refused = true
				r.end(m)
			}
			return
		}
		m.ready, m.answered = true, true
		if m.wanted {
			r.join(name)
		}
	}}
	r.ask(c, node.Harness, func(id int64) any {
		init := r.world.Init(name, m.incarnation)
		init.Head = node.Head{Type: node.TypeInit, MsgID: id}
		init.Config = r.plan.Config
		if m.session > 1 {
			init.Session = m.session
		}
		return &init
	}, r.plan.Limits.StartMicros)
	return nil
}

// initFailed: at the start of a run it ends the run, since a program that does
// not speak the contract cannot be tested; later it is what a restart came to.
func (r *runner) initFailed(m *member, why string) {
	if m.babble > 0 {
		why += fmt.Sprintf("; it wrote %q, which is none of the contract's lines", m.babbled)
	}
	if r.fell != "" { // the history says how
		return
	}
	if r.phase == history.PhaseStart && r.broken == nil {
		r.broken = fmt.Errorf("%s gave no init_ok: %s; its log says more", m.self(), why)
		return
	}
	r.note("%s gave no init_ok: %s", m.self(), why)
}

// join asks a ready node to join through all others that run, and asks again
// after a failure as long as it is wanted. The first node of the roster, asked
// before anybody is in a view, creates the group.
func (r *runner) join(name string) {
	m := r.nodes[name]
	if !m.running || !m.ready || m.joining || m.evicted || m.in() {
		return
	}
	contacts := []string{}
	if r.phase != history.PhaseBootstrap || name != r.plan.Nodes[0] {
		for _, other := range r.plan.Nodes {
			if o := r.nodes[other]; other != name && (o.in() || r.phase != history.PhaseBootstrap && o.running) {
				contacts = append(contacts, other)
			}
		}
		if len(contacts) == 0 {
			r.joinLater(m)
			return
		}
	}
	m.joining = true
	starts := m.starts
	c := call{node: name, f: node.TypeJoin, process: r.newProcess(), done: func(a answer) {
		if m.starts != starts {
			return
		}
		m.joining = false
		switch {
		case a.outcome != history.OK:
			r.joinLater(m)
		case !m.wasIn && r.forming():
			r.breached(m, contract.EarlyJoin(m.self()), "")
		}
	}}
	r.ask(c, node.Harness, func(id int64) any {
		return &node.Join{Head: node.Head{Type: node.TypeJoin, MsgID: id}, Contacts: contacts}
	}, r.plan.Limits.JoinMicros)
}

func (r *runner) joinLater(m *member) {
	starts := m.starts
	r.agenda.add(r.world.Now()+Micros(r.plan.Limits.RejoinMicros), func() {
		if m.starts == starts && m.wanted && r.mayRejoin() {
			r.join(m.name)
		}
	})
}

// mayRejoin: from quiesce on, nobody joins any more.
func (r *runner) mayRejoin() bool {
	switch r.phase {
	case history.PhaseBootstrap, history.PhaseMain, history.PhaseHeal, history.PhaseRecover:
		return true
	}
	return false
}

// leave asks a node to leave, and to shut down once it has left.
func (r *runner) leave(name string) {
	m := r.nodes[name]
	m.wanted, m.leaving = false, true
	starts := m.starts
	c := call{node: name, f: node.TypeLeave, process: r.newProcess(), done: func(a answer) {
		if a.outcome == history.OK && m.starts == starts {
			r.shutdown(m)
		}
	}}
	r.ask(c, node.Harness, func(id int64) any {
		return &node.Leave{Head: node.Head{Type: node.TypeLeave, MsgID: id}}
	}, r.plan.Limits.CallMicros)
}

// shutdown asks a process to end, and kills it if it does not.
func (r *runner) shutdown(m *member) {
	if !m.running {
		return
	}
	m.asked = history.StopShutdown
	starts := m.starts
	kill := func() {
		if m.running && m.starts == starts {
			r.note("%s did not obey shutdown and was killed", m.self())
			r.end(m)
		}
	}
	r.ask(call{node: m.name, f: node.TypeShutdown}, node.Harness, func(id int64) any {
		return &node.Shutdown{Head: node.Head{Type: node.TypeShutdown, MsgID: id}}
	}, r.plan.Limits.EndMicros)
	r.agenda.add(r.world.Now()+Micros(r.plan.Limits.EndMicros), kill)
}

// end kills a process.
func (r *runner) end(m *member) {
	m.asked = history.StopKill
	if err := r.world.Kill(m.name); err != nil {
		r.log.Warn("kill failed", "node", m.name, "error", err)
	}
}

// exited takes note of a process's end: what was open is now unknown.
func (r *runner) exited(e world.Exited) {
	m := r.nodes[e.Node]
	if e.Incarnation != m.incarnation || !m.running {
		return
	}
	stop := r.ending(m, e)
	m.running, m.ready, m.joining = false, false, false
	r.record.event(stop)
	r.mayFall(m, stop)
	r.senderGone(m)

	for _, id := range slices.Sorted(maps.Keys(r.calls)) {
		if c := r.calls[id]; c != nil && c.node == m.name && c.incarnation == m.incarnation {
			r.finish(c, answer{outcome: history.Info, err: m.self() + " ended"})
		}
	}
	switch {
	case !m.wanted || !r.mayRejoin():
	case m.evicted || m.damaged:
		r.startLogged(m.name)
	case m.refused: // its disk is full, say: it may have room by then
		starts := m.starts
		r.agenda.add(r.world.Now()+Micros(r.plan.Limits.RejoinMicros), func() {
			if m.starts == starts && m.wanted && r.mayRejoin() {
				r.startLogged(m.name)
			}
		})
	}
}

func (r *runner) startLogged(name string) {
	if err := r.start(name); err != nil {
		r.note("%s could not be started: %v", name, err)
	}
}
