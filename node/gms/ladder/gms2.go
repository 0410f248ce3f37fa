package ladder

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"groupy/node/gms"
)

// gms2 adds failure detection and election. Slaves monitor their leader, and
// nobody else: a dead slave stays in the views. When the leader is down, the
// first in the ordered list of slaves is the next, and all agree on that without
// a word. It breaks under a leader that dies in the middle of a multicast: those
// that the broadcast did not reach never get the message.

func NewGMS2(c gms.Config) gms.Core {
	g := newGroup(c)
	g.watch = &monitor{g: g}
	return g
}

const (
	timerHeartbeat = "heartbeat"
	timerSilence   = "silence"
)

// monitor is the failure detector of gms2 to gms4: a connection that closes, or
// a leader that shows no sign of life for Config.Timeout. It trusts its clock: a
// member that was frozen finds its leader silent for as long, and accuses it.
//
// The original's monitor knows at once when the next leader is dead, too. Here
// one slave may hear of it by a closed connection and another only by silence.
// So that the first does not give up the one that still waits, patience grows by
// half a timeout with each leader in a row that has shown no sign yet.
type monitor struct {
	g        *group
	lastSign time.Duration // when the leader was last heard, or first followed
	unheard  int           // leaders followed in a row without a sign
}

func (m *monitor) follow(heard bool) {
	m.lastSign = m.g.now
	if m.unheard++; heard {
		m.unheard = 0
	}
	m.g.emit(gms.SetTimer{ID: timerSilence, After: m.patience()})
}

func (m *monitor) patience() time.Duration {
	return m.g.cfg.Timeout + time.Duration(m.unheard)*m.g.cfg.Timeout/2
}

func (m *monitor) lead() {
	m.g.emit(gms.CancelTimer{ID: timerSilence})
	m.g.emit(gms.SetTimer{ID: timerHeartbeat, After: m.g.cfg.Heartbeat})
}

func (m *monitor) stop() {
	m.g.emit(gms.CancelTimer{ID: timerSilence})
	m.g.emit(gms.CancelTimer{ID: timerHeartbeat})
}

// heard takes what only leaders send for a sign of life. A member that has left
// may still pass requests on.
func (m *monitor) heard(from string, msg gms.Message) {
	switch msg.(type) {
	case cast, heartbeat, heir:
		if m.g.phase == following && from == m.g.members[0] {
			m.lastSign, m.unheard = m.g.now, 0
		}
	}
}

func (m *monitor) closed(node string) {
	if m.g.phase == following && strings.HasPrefix(m.g.members[0], node+".") {
		m.g.elect("connection closed")
	}
}

func (m *monitor) timer(id string) {
	switch {
	case id == timerHeartbeat && (m.g.phase == leading || m.g.phase == retiring):
		for _, slave := range m.g.members[1:] {
			m.g.send(slave, heartbeat{Type: kindHeartbeat})
		}
		m.g.emit(gms.SetTimer{ID: timerHeartbeat, After: m.g.cfg.Heartbeat})
	case id == timerSilence && m.g.phase == following:
		silent := m.g.now - m.lastSign
		if left := m.patience() - silent; left > 0 {
			m.g.emit(gms.SetTimer{ID: timerSilence, After: left})
			return
		}
		m.g.elect(fmt.Sprintf("silent for %v", silent))
	}
}

// elect drops the dead head of the list. Whoever is first then is the leader: if
// it is this member, it says so by a view (and hands over at once if it wants to
// leave: it may have got more of the dead leader's last words than others), else
// that one is monitored. If that one is dead too its turn ends in the same way,
// at once if a later incarnation of its node is in the group.
func (g *group) elect(why string) {
	g.logf("leader %s is down (%s)", g.members[0], why)
	dead := g.members[:1:1]
	g.members, g.heir, g.changed = g.members[1:], false, true
	for g.members[0] != g.me && replaced(g.members, g.members[0]) {
		g.logf("%s is gone, too (its node has started anew)", g.members[0])
		g.members = g.members[1:]
	}
	switch next := g.members[0]; {
	case next != g.me:
		g.logf("follows %s", next)
		g.watch.follow(false)
		if g.leaving {
			g.send(next, request{Type: kindLeave, Member: g.me})
		}
		if g.mutant(askAgain) {
			for _, msg := range slices.Sorted(maps.Keys(g.pending)) {
				g.send(next, request{Type: kindMcast, Member: g.me, Msg: msg})
			}
		}
	default:
		g.logf("elected, leads %d", len(g.members))
		g.becomeLeader()
		g.order.takeover()
		if g.mutant(deadHead) {
			g.members = append(dead, g.members...)
		}
		g.announce(g.members, g.members[1:])
		if g.mutant(noAdvance) {
			g.order.taken(cast{N: g.order.(*numbered).next - 2})
		}
		if g.leaving {
			g.handOver()
		}
	}
}

// replaced reports whether a later incarnation of a member's node is in the list.
func replaced(members []string, m string) bool {
	node, number := gms.SplitMember(m)
	return slices.ContainsFunc(members, func(other string) bool {
		n, later := gms.SplitMember(other)
		return n == node && later > number
	})
}
