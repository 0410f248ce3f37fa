package checker

import (
	"fmt"
	"slices"

	"groupy/checker/history"
)

var recovery = Property{
	Name: "recovery", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a member that is started again says where it takes up, and delivers and installs again what it had delivered and installed since, the same in the same order and all of it, before anything new and before the run ends",
	check:     checkRecovery,
}

// point is a place in what a member did: behind so many of its log's deliveries and
// so many of its installs.
type point struct{ log, install int32 }

// takeUp is a session of a member that has to go on as what it was. What it does
// again is not in the member's log a second time.
type takeUp struct {
	q        int32
	began    int64 // its start; none for a view that takes up without one
	at       int64 // the view with which it takes up, none before
	next     point // what is due again is behind it; nowhere before it has taken up
	repeated int64
	open     bool   // the history ends and something is due still
	broken   int64  // first event that is wrong, none without
	what     string // is wrong
	instead  point  // what was due then is behind it
}

var nowhere = point{none, none}

// due says what is to come again: a delivery, an install or nothing. An install
// comes before the delivery of the same place.
func (u *takeUp) due(m *member) (delivery, install bool) {
	if int(u.next.install) < len(m.installs) && m.installs[u.next.install].before <= u.next.log {
		return false, true
	}
	return int(u.next.log) < len(m.log), false
}

// hasRecord reports whether the member has done anything since it was last out.
func (m *member) hasRecord() bool {
	return int(m.record.log) < len(m.log) || int(m.record.install) < len(m.installs)
}

// begins opens a session: one that has something to take up is held to it. It ends
// the session before.
func (b *builder) begins(q int32, at int64) {
	delete(b.taking, q)
	if b.t.members[q].hasRecord() {
		b.taking[q] = int32(len(b.t.takeUps))
		b.t.takeUps = append(b.t.takeUps, takeUp{q: q, began: at, at: none, next: nowhere, broken: none})
	}
}

// isOut empties the record of a member that was evicted or has left.
func (b *builder) isOut(q int32) {
	m := &b.t.members[q]
	m.record = point{int32(len(m.log)), int32(len(m.installs))}
	delete(b.taking, q)
}

// takingUp gives the takeUp that member q is in the middle of, nil if nothing is due.
func (b *builder) takingUp(q int32) *takeUp {
	if i, ok := b.taking[q]; ok {
		return &b.t.takeUps[i]
	}
	return nil
}

// installsAgain reports whether a member's install is one that it had made, and
// which it owes.
func (b *builder) installsAgain(e *history.Event, q int32, in install) bool {
	u := b.takingUp(q)
	m := &b.t.members[q]
	switch {
	case u == nil && e.After == nil:
		return false
	case u == nil:
		b.takesUpUnasked(e, q)
		return false
	case u.at == none:
		return b.takesUp(e, u, in)
	case e.After != nil:
		b.diverges(u, e.Index, fmt.Sprintf("takes up in view %s while it is still doing again what it had done", e.View))
		return false
	}
	if _, due := u.due(m); !due || !m.installs[u.next.install].same(in) {
		b.diverges(u, e.Index, fmt.Sprintf("installs view %s instead", e.View))
		return false
	}
	u.next.install++
	b.repeats(u)
	return true
}

func (in install) same(other install) bool {
	return in.view == other.view && in.list == other.list && in.primary == other.primary
}

// takesUpUnasked judges a view that says where it takes up though there is nothing
// to take up. A process that died before anybody saw it do anything does not know that.
func (b *builder) takesUpUnasked(e *history.Event, q int32) {
	u := takeUp{q: q, began: none, at: e.Index, broken: e.Index, instead: nowhere}
	switch m := &b.t.members[q]; {
	case m.hasRecord():
		u.what = fmt.Sprintf("takes up in view %s without having been started again", e.View)
	case *e.After != "":
		u.what = neverDelivered(*e.After)
	default:
		return
	}
	b.t.takeUps = append(b.t.takeUps, u)
}

func neverDelivered(msg string) string {
	return fmt.Sprintf("takes up after %s, which it had never delivered", msg)
}

// takesUp finds the place that a session's first view names. Of several it is the
// last one.
func (b *builder) takesUp(e *history.Event, u *takeUp, in install) (again bool) {
	m := &b.t.members[u.q]
	if e.After == nil {
		b.diverges(u, e.Index, fmt.Sprintf("installs view %s and does not say where it takes up", e.View))
		return false
	}
	u.at = e.Index
	last, delivered := b.msgs[*e.After]
	for p := (point{int32(len(m.log)), int32(len(m.installs))}); ; {
		after := *e.After == ""
		if p.log > m.record.log {
			after = delivered && m.log[p.log-1].msg == last
		}
		if after && p.install > m.record.install && m.installs[p.install-1].same(in) {
			u.next = p
			b.settle(u)
			return true
		}
		switch { // one step back
		case p.install > m.record.install && m.installs[p.install-1].before == p.log:
			p.install--
		case p.log > m.record.log:
			p.log--
		default:
			b.diverges(u, e.Index, b.notThere(e, m))
			return false
		}
	}
}

// notThere tells what is wrong with the place at which a member takes up.
func (b *builder) notThere(e *history.Event, m *member) string {
	was := func(d delivery) bool { return b.t.msg(d.msg) == *e.After }
	if *e.After != "" && !slices.ContainsFunc(m.log[m.record.log:], was) {
		return neverDelivered(*e.After)
	}
	return fmt.Sprintf("takes up in view %s, in which it was not then", e.View)
}

// deliversAgain reports whether a member's delivery is one that it had made, and
// which it owes. With another sender or state it is still that one.
func (b *builder) deliversAgain(e *history.Event, q int32) bool {
	u := b.takingUp(q)
	if u == nil {
		return false
	}
	if u.at == none {
		b.diverges(u, e.Index, fmt.Sprintf("delivers %s and does not say where it takes up", e.Msg))
		return false
	}
	m, t := &b.t.members[q], b.t
	view := e.View
	if view == "" {
		view = t.view(m.installs[u.next.install-1].view)
	}
	due, _ := u.due(m)
	if !due || t.msg(m.log[u.next.log].msg) != e.Msg || t.view(m.log[u.next.log].view) != view {
		b.diverges(u, e.Index, fmt.Sprintf("delivers %s instead", e.Msg))
		return false
	}
	switch d := &m.log[u.next.log]; {
	case e.Sender != "" && d.sender != none && !t.sameSender(t.senders[d.sender], e.Sender):
		u.wrong(e.Index, fmt.Sprintf("delivers %s of %s, and delivered it as of %s", e.Msg, e.Sender, t.senders[d.sender]))
	case e.State != "" && d.state != none && t.states[d.state] != e.State:
		u.wrong(e.Index, fmt.Sprintf("is in state %s after %s, and was in state %s", e.State, e.Msg, t.states[d.state]))
	}
	u.next.log++
	b.repeats(u)
	return true
}

func (b *builder) repeats(u *takeUp) {
	u.repeated++
	b.settle(u)
}

// settle ends a takeUp once nothing is due again.
func (b *builder) settle(u *takeUp) {
	if delivery, install := u.due(&b.t.members[u.q]); !delivery && !install {
		delete(b.taking, u.q)
	}
}

// diverges ends a takeUp by an event that is not what is due: it is new, and so is
// all that follows.
func (b *builder) diverges(u *takeUp, at int64, what string) {
	u.wrong(at, what)
	delete(b.taking, u.q)
}

// wrong takes note of the first thing that is wrong with a takeUp.
func (u *takeUp) wrong(at int64, what string) {
	if u.broken == none {
		u.broken, u.what, u.instead = at, what, u.next
	}
}

// owing marks the sessions that still owe something when the history ends. Who was
// started when the harness had begun to tidy up does not.
func (b *builder) owing() {
	for _, i := range b.taking {
		u := &b.t.takeUps[i]
		u.open = b.t.endAt == none || u.began < b.t.endAt
	}
}

func checkRecovery(t *trace) Result {
	var f finding
	for i := range t.takeUps {
		u := &t.takeUps[i]
		m := &t.members[u.q]
		f.evidence += u.repeated
		if u.began != none {
			f.evidence++
		}
		switch {
		case u.broken != none:
			f.broken(u.broken, func() (string, []Witness) {
				text, witness := t.owed(u, u.instead)
				return fmt.Sprintf("%s%s %s%s", m.name, u.again(), u.what, text),
					append(witness, t.session(u), t.witness(u.broken, "%s %s", m.name, u.what))
			})
		case u.open && t.live(m) && t.unjudgeable == nil:
			f.broken(t.finalAt, func() (string, []Witness) {
				never, due := "came as far as it had been", u.next
				if u.at == none {
					never, due = "says where it takes up", m.record
				}
				text, witness := t.owed(u, due)
				return fmt.Sprintf("%s was started again and never %s%s", m.name, never, text),
					append(witness, t.session(u), t.final())
			})
		}
	}
	return f.done()
}

func (u *takeUp) again() string {
	if u.began == none {
		return ""
	}
	return " was started again and"
}

// session is the event with which a member takes up, or should have.
func (t *trace) session(u *takeUp) Witness {
	if u.at == none {
		return t.witness(u.began, "%s is started again", t.name(int(u.q)))
	}
	return t.witness(u.at, "%s, started again, takes up", t.name(int(u.q)))
}

// owed is what the member should have done again next.
func (t *trace) owed(u *takeUp, next point) (string, []Witness) {
	if next == nowhere {
		return "", nil
	}
	m := &t.members[u.q]
	switch delivery, install := (&takeUp{next: next}).due(m); {
	case install:
		return fmt.Sprintf("; it had installed view %s", t.view(m.installs[next.install].view)), []Witness{t.installed(int(u.q), int(next.install))}
	case delivery:
		return fmt.Sprintf("; it had delivered %s", t.msg(m.log[next.log].msg)), []Witness{t.delivered(int(u.q), int(next.log))}
	}
	return "", nil
}
