package ladder

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"groupy/node/gms"
)

// Leaving is an addition of ours: in the original a member leaves by dying.

// askLeave is a client's request to leave.
func (g *group) askLeave(in gms.Leave) {
	switch {
	case g.phase != following && g.phase != leading:
		g.fail(in.Req, 11, "no view installed")
	case g.leave != 0:
		g.fail(in.Req, 11, "a leave is already under way")
	case g.phase == leading:
		g.leave, g.leaving = in.Req, true
		g.handOver()
	default:
		g.leave, g.leaving = in.Req, true
		g.logf("asks leader %s to let it go", g.members[0])
		g.send(g.members[0], request{Type: kindLeave, Member: g.me})
		g.emit(gms.SetTimer{ID: timerLeave, After: g.cfg.JoinTimeout})
	}
}

// leaveTimeout answers a leave that nobody served. The member leaves once it sees
// a view without it, and may be asked to leave again.
func (g *group) leaveTimeout() {
	if g.leave != 0 {
		g.fail(g.leave, 0, "no reply from leader")
		g.leave = 0
	}
}

// dismiss takes a slave out of the group. The leaver is told first: should the
// leader die on the way, it is gone already, and cannot be elected by a list
// that the others no longer share.
func (g *group) dismiss(m string) {
	i := slices.Index(g.members, m)
	if i < 1 {
		return
	}
	members := slices.Delete(slices.Clone(g.members), i, i+1)
	g.announce(members, append([]string{m}, members[1:]...))
}

// removed is a view without this member.
func (g *group) removed(v cast) {
	g.members = slices.Clone(v.Members)
	if !g.leaving { // a request to leave from before it joined again
		g.emit(gms.Evict{Reason: fmt.Sprintf("view %d does not hold it", v.View)})
	}
	g.quit()
}

// quit ends the membership. Whether messages still pending will be delivered to
// others is not known.
func (g *group) quit() {
	g.logf("has left")
	g.phase, g.changed, g.leaving, g.heir = gone, true, false, false
	g.watch.stop()
	g.order.reset()
	g.box.dropCasts()
	reqs := slices.SortedFunc(maps.Values(g.pending), cmp.Compare[uint64])
	clear(g.pending)
	for _, req := range reqs {
		g.fail(req, 0, "left the group before the message was delivered here")
	}
	g.emit(gms.CancelTimer{ID: timerLeave})
	if g.leave != 0 {
		g.emit(gms.Reply{Req: g.leave})
		g.leave = 0
	}
}

// refuse tells a leader that still counts on a member that has left to let it go.
func (g *group) refuse(from string) {
	if g.phase == gone {
		g.send(from, request{Type: kindLeave, Member: g.me})
	}
}

// handOver leaves as the leader, in three steps, so that nothing overtakes
// anything even where messages carry no numbers. The heir, next in line, is told
// to keep requests; when it has confirmed, all others are told to follow it; when
// they have confirmed, they have all that this leader ever sent, and it has all
// that they ever sent to it. The heir is told last, together with the requests
// that came in the meantime.
func (g *group) handOver() {
	if len(g.members) == 1 {
		g.members = nil
		g.quit()
		return
	}
	g.phase = retiring
	g.handover = g.nextView(g.members[1:])
	g.order.stamp(&g.handover)
	g.told, g.unsure = false, nil
	g.send(g.members[1], heir{Type: kindHeir, View: g.handover.View})
	// Shorter than a detector's timeout: those that follow the heir already wait
	// for its first sign of life. The dead never confirm.
	g.emit(gms.SetTimer{ID: timerHandover, After: g.cfg.Timeout / 2})
}

// inherit makes this slave the heir of its leader.
func (g *group) inherit(from string, m heir) {
	if g.phase == following && from == g.members[0] {
		g.heir = true
		g.send(from, installed{Type: kindInstalled, View: m.View})
	}
}

// confirmed is the answer of the heir, or of another slave.
func (g *group) confirmed(from string, m installed) {
	if g.phase != retiring || m.View != g.handover.View {
		return
	}
	if from == g.members[1] && !g.told {
		g.unsure = slices.Clone(g.members[2:])
		g.tellOthers()
	} else if i := slices.Index(g.unsure, from); i >= 0 {
		g.unsure = slices.Delete(g.unsure, i, i+1)
	}
	if g.told && len(g.unsure) == 0 {
		g.retire()
	}
}

func (g *group) tellOthers() {
	g.told = true
	for _, m := range g.members[2:] {
		g.send(m, g.handover)
	}
}

// retire is the last step, also if somebody has not confirmed in time.
func (g *group) retire() {
	if g.phase != retiring {
		return
	}
	g.emit(gms.CancelTimer{ID: timerHandover})
	if !g.told {
		g.tellOthers()
	}
	last := g.handover
	last.Waiting = g.box.takeRequests()
	g.send(g.members[1], last)
	g.members = g.handover.Members
	g.quit()
}
