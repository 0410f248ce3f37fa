package trace

import (
	"fmt"
	"slices"

	"groupy/checker/history"
)

// Point is a place in what a member did: behind so many of its log's deliveries and
// so many of its installs.
type Point struct{ Log, Install int32 }

// TakeUp is a session of a member that has to go on as what it was. What it does
// again is not in the member's log a second time.
type TakeUp struct {
	Q        int32
	Began    int64 // its start; none for a view that takes up without one
	At       int64 // the view with which it takes up, none before
	Next     Point // what is due again is behind it; nowhere before it has taken up
	Repeated int64
	Open     bool   // the history ends and something is due still
	Broken   int64  // first event that is wrong, none without
	What     string // is wrong
	Instead  Point  // what was due then is behind it
}

var Nowhere = Point{None, None}

// Due says what is to come again: a delivery, an install or nothing. An install
// comes before the delivery of the same place.
func (u *TakeUp) Due(m *Member) (delivery, install bool) {
	if int(u.Next.Install) < len(m.Installs) && m.Installs[u.Next.Install].Before <= u.Next.Log {
		return false, true
	}
	return int(u.Next.Log) < len(m.Log), false
}

// hasRecord reports whether the member has done anything since it was last out.
func (m *Member) hasRecord() bool {
	return int(m.Record.Log) < len(m.Log) || int(m.Record.Install) < len(m.Installs)
}

// begins opens a session: one that has something to take up is held to it. It ends
// the session before.
func (b *Builder) begins(q int32, at int64) {
	delete(b.taking, q)
	if b.T.Members[q].hasRecord() {
		b.taking[q] = int32(len(b.T.TakeUps))
		b.T.TakeUps = append(b.T.TakeUps, TakeUp{Q: q, Began: at, At: None, Next: Nowhere, Broken: None})
	}
}

// isOut empties the record of a member that was evicted or has left.
func (b *Builder) isOut(q int32) {
	m := &b.T.Members[q]
	m.Record = Point{int32(len(m.Log)), int32(len(m.Installs))}
	delete(b.taking, q)
}

// takingUp gives the takeUp that member q is in the middle of, nil if nothing is due.
func (b *Builder) takingUp(q int32) *TakeUp {
	if i, ok := b.taking[q]; ok {
		return &b.T.TakeUps[i]
	}
	return nil
}

// installsAgain reports whether a member's install is one that it had made, and
// which it owes.
func (b *Builder) installsAgain(e *history.Event, q int32, in Install) bool {
	u := b.takingUp(q)
	m := &b.T.Members[q]
	switch {
	case u == nil && e.After == nil:
		return false
	case u == nil:
		b.takesUpUnasked(e, q)
		return false
	case u.At == None:
		return b.takesUp(e, u, in)
	case e.After != nil:
		b.diverges(u, e.Index, fmt.Sprintf("takes up in view %s while it is still doing again what it had done", e.View))
		return false
	}
	if _, due := u.Due(m); !due || !m.Installs[u.Next.Install].same(in) {
		b.diverges(u, e.Index, fmt.Sprintf("installs view %s instead", e.View))
		return false
	}
	u.Next.Install++
	b.repeats(u)
	return true
}

func (in Install) same(other Install) bool {
	return in.View == other.View && in.List == other.List && in.Primary == other.Primary
}

// takesUpUnasked judges a view that says where it takes up though there is nothing
// to take up. A process that died before anybody saw it do anything does not know that.
func (b *Builder) takesUpUnasked(e *history.Event, q int32) {
	u := TakeUp{Q: q, Began: None, At: e.Index, Broken: e.Index, Instead: Nowhere}
	switch m := &b.T.Members[q]; {
	case m.hasRecord():
		u.What = fmt.Sprintf("takes up in view %s without having been started again", e.View)
	case *e.After != "":
		u.What = neverDelivered(*e.After)
	default:
		return
	}
	b.T.TakeUps = append(b.T.TakeUps, u)
}

func neverDelivered(msg string) string {
	return fmt.Sprintf("takes up after %s, which it had never delivered", msg)
}

// takesUp finds the place that a session's first view names. Of several it is the
// last one.
func (b *Builder) takesUp(e *history.Event, u *TakeUp, in Install) (again bool) {
	m := &b.T.Members[u.Q]
	if e.After == nil {
		b.diverges(u, e.Index, fmt.Sprintf("installs view %s and does not say where it takes up", e.View))
		return false
	}
	u.At = e.Index
	last, delivered := b.msgs[*e.After]
	for p := (Point{int32(len(m.Log)), int32(len(m.Installs))}); ; {
		after := *e.After == ""
		if p.Log > m.Record.Log {
			after = delivered && m.Log[p.Log-1].Msg == last
		}
		if after && p.Install > m.Record.Install && m.Installs[p.Install-1].same(in) {
			u.Next = p
			b.settle(u)
			return true
		}
		switch { // one step back
		case p.Install > m.Record.Install && m.Installs[p.Install-1].Before == p.Log:
			p.Install--
		case p.Log > m.Record.Log:
			p.Log--
		default:
			b.diverges(u, e.Index, b.notThere(e, m))
			return false
		}
	}
}

// notThere tells what is wrong with the place at which a member takes up.
func (b *Builder) notThere(e *history.Event, m *Member) string {
	was := func(d Delivery) bool { return b.T.Msg(d.Msg) == *e.After }
	if *e.After != "" && !slices.ContainsFunc(m.Log[m.Record.Log:], was) {
		return neverDelivered(*e.After)
	}
	return fmt.Sprintf("takes up in view %s, in which it was not then", e.View)
}

// deliversAgain reports whether a member's delivery is one that it had made, and
// which it owes. With another sender or state it is still that one.
func (b *Builder) deliversAgain(e *history.Event, q int32) bool {
	u := b.takingUp(q)
	if u == nil {
		return false
	}
	if u.At == None {
		b.diverges(u, e.Index, fmt.Sprintf("delivers %s and does not say where it takes up", e.Msg))
		return false
	}
	m, t := &b.T.Members[q], b.T
	view := e.View
	if view == "" {
		view = t.View(m.Installs[u.Next.Install-1].View)
	}
	due, _ := u.Due(m)
	if !due || t.Msg(m.Log[u.Next.Log].Msg) != e.Msg || t.View(m.Log[u.Next.Log].View) != view {
		b.diverges(u, e.Index, fmt.Sprintf("delivers %s instead", e.Msg))
		return false
	}
	switch d := &m.Log[u.Next.Log]; {
	case e.Sender != "" && d.Sender != None && !t.SameSender(t.Senders[d.Sender], e.Sender):
		u.wrong(e.Index, fmt.Sprintf("delivers %s of %s, and delivered it as of %s", e.Msg, e.Sender, t.Senders[d.Sender]))
	case e.State != "" && d.State != None && t.States[d.State] != e.State:
		u.wrong(e.Index, fmt.Sprintf("is in state %s after %s, and was in state %s", e.State, e.Msg, t.States[d.State]))
	}
	u.Next.Log++
	b.repeats(u)
	return true
}

func (b *Builder) repeats(u *TakeUp) {
	u.Repeated++
	b.settle(u)
}

// settle ends a takeUp once nothing is due again.
func (b *Builder) settle(u *TakeUp) {
	if delivery, install := u.Due(&b.T.Members[u.Q]); !delivery && !install {
		delete(b.taking, u.Q)
	}
}

// diverges ends a takeUp by an event that is not what is due: it is new, and so is
// all that follows.
func (b *Builder) diverges(u *TakeUp, at int64, what string) {
	u.wrong(at, what)
	delete(b.taking, u.Q)
}

// wrong takes note of the first thing that is wrong with a takeUp.
func (u *TakeUp) wrong(at int64, what string) {
	if u.Broken == None {
		u.Broken, u.What, u.Instead = at, what, u.Next
	}
}

// owing marks the sessions that still owe something when the history ends. Who was
// started when the harness had begun to tidy up does not.
func (b *Builder) owing() {
	for _, i := range b.taking {
		u := &b.T.TakeUps[i]
		u.Open = b.T.EndAt == None || u.Began < b.T.EndAt
	}
}
