package ladder

import (
	"slices"
	"time"

	"groupy/node/gms"
)

// askJoin creates a group or asks a contact to pass on the wish to join.
func (g *group) askJoin(in gms.Join) {
	switch {
	case g.phase == following || g.phase == leading || g.phase == retiring:
		g.fail(in.Req, 11, "is already a member")
		return
	case g.join != 0:
		g.fail(in.Req, 11, "a join is already under way")
		return
	}
	contacts := slices.DeleteFunc(slices.Clone(in.Contacts), func(n string) bool { return n == g.cfg.Node })
	if len(in.Contacts) > 0 && len(contacts) == 0 {
		g.fail(in.Req, 11, "no contact but the node itself")
		return
	}
	g.order.reset()
	g.members, g.view, g.leaving = nil, 0, false
	if len(contacts) == 0 {
		g.create(in.Req)
		return
	}
	g.phase, g.join, g.contacts = joining, in.Req, contacts
	g.askContact()
}

func (g *group) create(req uint64) {
	g.becomeLeader()
	g.announce([]string{g.me}, nil)
	g.emit(gms.Reply{Req: req})
}

// askContact asks the next contact once; each has an equal share of the time.
func (g *group) askContact() {
	share := g.cfg.JoinTimeout / time.Duration(len(g.contacts))
	contact := g.contacts[0]
	g.contacts = g.contacts[1:]
	g.logf("asks %s to join", contact)
	g.send(contact, request{Type: kindJoin, Member: g.me})
	g.emit(gms.SetTimer{ID: timerJoin, After: share})
}

// joinTimeout asks the next contact or gives the error up to the application.
// The answer is indefinite, since a request cannot be called back: the leader
// may have admitted this member, or may yet. A view that comes later is
// installed like any other.
func (g *group) joinTimeout() {
	if g.join == 0 {
		return
	}
	if len(g.contacts) > 0 {
		g.askContact()
		return
	}
	g.logf("no reply from leader")
	g.fail(g.join, 0, "no reply from leader")
	g.join = 0
}

// joined answers the join, if one is open, after the first view.
func (g *group) joined() {
	if g.join == 0 {
		return
	}
	g.emit(gms.CancelTimer{ID: timerJoin})
	g.emit(gms.Reply{Req: g.join})
	g.join, g.contacts = 0, nil
}

// admit appends a member last, so that it is the last to see the view. One that
// asks again (through another contact, or because its view was lost) keeps its
// place and gets a fresh view.
func (g *group) admit(m string) {
	members := slices.Clone(g.members)
	if !slices.Contains(members, m) {
		members = append(members, m)
	}
	g.announce(members, members[1:])
}
