package ladder

import (
	"fmt"
	"slices"
	"strings"

	"groupy/node/gms"
)

// askMulticast is a client's multicast. A slave's goes to the leader and is then
// forgotten: nobody sends it again (fire and forget, as in the original).
func (g *group) askMulticast(in gms.Multicast) {
	switch _, twice := g.pending[in.Msg]; {
	case g.phase != following && g.phase != leading:
		g.fail(in.Req, 11, "no view installed")
		return
	case g.leaving:
		g.fail(in.Req, 11, "is leaving the group")
		return
	case twice:
		g.fail(in.Req, 12, fmt.Sprintf("message id %q is already under way here; ids are unique", in.Msg))
		return
	}
	g.pending[in.Msg] = in.Req
	g.emit(gms.Sent{Msg: in.Msg, View: g.viewID()})
	r := request{Type: kindMcast, Member: g.me, Msg: in.Msg, Payload: in.Payload}
	switch {
	case g.phase == leading:
		g.multicast(r)
	case g.heir:
		g.keep(letter{from: g.me, message: r})
	default:
		g.send(g.members[0], r)
	}
	if g.mutant(ownAtOnce) && g.phase == following {
		g.emit(&gms.Deliver{Msg: r.Msg, Sender: g.me, View: g.viewID(), Payload: r.Payload})
	}
}

// tryRequest serves a request as the leader, or passes it on. One that the
// believed leader itself passed here is dropped: two members that believe in
// each other would otherwise pass it to and fro for ever.
func (g *group) tryRequest(from string, r request) verdict {
	switch {
	case g.phase == outside || g.phase == joining || g.phase == retiring || g.heir:
		return wait
	case g.phase == following || g.phase == gone:
		if len(g.members) > 0 && g.members[0] != g.me && g.members[0] != from {
			g.send(g.members[0], r)
		}
		return discard
	}
	switch r.Type {
	case kindMcast:
		g.multicast(r)
	case kindJoin:
		g.admit(r.Member)
	case kindLeave:
		g.dismiss(r.Member)
	}
	return take
}

// multicast broadcasts to the slaves in list order, then delivers here, then
// counts on. A leader killed on the way leaves a prefix of the list with the
// message.
func (g *group) multicast(r request) {
	c := cast{Type: kindMsg, Msg: r.Msg, Sender: r.Member, Payload: r.Payload}
	g.broadcast(&c, g.members[1:])
	g.deliver(c)
	g.order.taken(c)
}

// announce broadcasts a view that the leader has made and then installs it.
func (g *group) announce(members, to []string) {
	c := g.nextView(members)
	g.members = slices.Clone(members)
	g.broadcast(&c, to)
	g.install(c)
	g.order.taken(c)
}

// nextView numbers a view one above the last installed here. Nobody agrees on
// the number: two leaders of a split group give the same one to different lists.
func (g *group) nextView(members []string) cast {
	return cast{Type: kindView, View: g.view + 1, Members: slices.Clone(members)}
}

func (g *group) broadcast(c *cast, to []string) {
	g.order.stamp(c)
	for _, m := range to {
		g.send(m, *c)
	}
}

// tryCast is a slave's side of a broadcast. Anybody's cast is obeyed, also a
// deposed leader's; only a view must come from, or be headed by, the leader that
// this member believes in. (The original looks at the head alone. Then a slave
// that has seen its leader's death could never take that leader's last view from
// the successor that resends it, and the resend would block whom it should
// save.) A leader has no clause for casts.
func (g *group) tryCast(from string, c cast) verdict {
	switch g.phase {
	case joining:
		if c.Type != kindView || !slices.Contains(c.Members, g.me) {
			return wait
		}
	case following:
		if v := g.order.judge(c); v != take {
			return v
		}
		if c.Type == kindView && c.Members[0] != g.members[0] && from != g.members[0] && !g.mutant(obeyDeposed) {
			return wait
		}
	case gone:
		if c.Type == kindMsg || slices.Contains(c.Members, g.me) {
			g.refuse(from)
		}
		return discard
	default:
		return discard
	}
	g.changed = true
	g.order.taken(c)
	if c.Type == kindMsg {
		g.deliver(c)
	} else {
		g.accept(from, c)
	}
	return take
}

// accept installs a view that came from a leader.
func (g *group) accept(from string, v cast) {
	if !slices.Contains(v.Members, g.me) {
		g.removed(v)
		return
	}
	believed, members := "", v.Members
	if g.phase == following {
		believed = g.members[0]
		// A dead leader's view, resent by its successor: who stands before the
		// successor is known to be dead.
		if i := slices.Index(members, believed); i > 0 && slices.Contains(members[i:], g.me) {
			members = members[i:]
		}
	}
	g.phase, g.members = following, slices.Clone(members)
	g.install(v)
	g.joined()
	switch {
	case g.members[0] == g.me:
		g.box.putFirst(from, v.Waiting)
		g.becomeLeader()
		if g.leaving {
			g.handOver()
		}
	case g.members[0] != believed:
		g.watch.follow(from == g.members[0])
	}
	if g.phase == following && !slices.Contains(v.Members, from) { // from a leader that leaves
		g.send(from, installed{Type: kindInstalled, View: v.View})
	}
}

func (g *group) becomeLeader() {
	g.phase, g.heir, g.changed = leading, false, true
	g.watch.lead()
}

func (g *group) install(v cast) {
	g.view = v.View
	g.logf("view %d [%s]", v.View, strings.Join(v.Members, " "))
	g.emit(gms.Install{View: g.viewID(), Members: slices.Clone(v.Members)})
}

func (g *group) deliver(c cast) {
	g.emit(&gms.Deliver{Msg: c.Msg, Sender: c.Sender, View: g.viewID(), Payload: c.Payload})
	if req, ok := g.pending[c.Msg]; ok && c.Sender == g.me {
		delete(g.pending, c.Msg)
		g.emit(gms.Reply{Req: req})
	}
}
