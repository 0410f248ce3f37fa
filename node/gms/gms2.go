package gms

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gms2 adds failure detection and election. Slaves monitor their leader, and
// nobody else: a dead slave stays in the views. When the leader is down, the
// first in the ordered list of slaves is the next, and all agree on that without
// a word. It breaks under a leader that dies in the middle of a multicast: those
// that the broadcast did not reach never get the message.

func newGMS2(c Config) Core {
	g := newGroup(c)
	g.watch = &monitor{g: g}
	return g
}

const (
	timerHeartbeat = "heartbeat"
	timerSilence   = "silence"
)

// monitor is the failure detector of gms2 to gms4: a connection that closes, or
// a leader not heard from for Config.Timeout. It trusts its clock: a member that
// was frozen finds its leader silent for as long, and accuses it.
type monitor struct {
	g        *group
	lastSign time.Duration // when the leader was last heard, or first followed
}

func (m *monitor) follow() {
	m.lastSign = m.g.now
	m.g.emit(SetTimer{ID: timerSilence, After: m.g.cfg.Timeout})
}

func (m *monitor) lead() {
	m.g.emit(CancelTimer{ID: timerSilence})
	m.g.emit(SetTimer{ID: timerHeartbeat, After: m.g.cfg.Heartbeat})
}

func (m *monitor) stop() {
	m.g.emit(CancelTimer{ID: timerSilence})
	m.g.emit(CancelTimer{ID: timerHeartbeat})
}

func (m *monitor) heard(from string) {
	if m.g.phase == following && from == m.g.members[0] {
		m.lastSign = m.g.now
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
		m.g.emit(SetTimer{ID: timerHeartbeat, After: m.g.cfg.Heartbeat})
	case id == timerSilence && m.g.phase == following:
		silent := m.g.now - m.lastSign
		if silent < m.g.cfg.Timeout {
			m.g.emit(SetTimer{ID: timerSilence, After: m.g.cfg.Timeout - silent})
			return
		}
		m.g.elect(fmt.Sprintf("silent for %v", silent))
	}
}

// elect drops the dead head of the list. Whoever is first then is the leader: if
// it is this member, it says so by a view, otherwise that one is monitored; if
// it is dead too, its turn ends in the same way, at once if a later incarnation
// is in the group (the original's monitor of a dead process reports at once; here
// others take a timeout each). A member that wants to leave
// does not take the lead: its successor's turn comes when it stays silent.
func (g *group) elect(why string) {
	g.logf("leader %s is down (%s)", g.members[0], why)
	g.members, g.heir, g.changed = g.members[1:], false, true
	for g.members[0] != g.me && replaced(g.members, g.members[0]) {
		g.logf("%s is gone, too (its node has started anew)", g.members[0])
		g.members = g.members[1:]
	}
	switch next := g.members[0]; {
	case next != g.me:
		g.logf("follows %s", next)
		g.watch.follow()
		if g.leaving {
			g.send(next, request{Type: kindLeave, Member: g.me})
		}
	case g.leaving:
		g.members = g.members[1:]
		g.quit()
	default:
		g.logf("elected, leads %d", len(g.members))
		g.becomeLeader()
		g.order.takeover()
		g.announce(g.members, g.members[1:])
	}
}

// replaced reports whether a later incarnation of a member's node is in the list.
func replaced(members []string, m string) bool {
	node, number := incarnation(m)
	return slices.ContainsFunc(members, func(other string) bool {
		n, later := incarnation(other)
		return n == node && later > number
	})
}

// incarnation takes a member name apart; a name without a number is 0.
func incarnation(m string) (node string, number int) {
	dot := strings.LastIndexByte(m, '.')
	if dot < 0 {
		return m, 0
	}
	number, _ = strconv.Atoi(m[dot+1:])
	return m[:dot], number
}
