package checker

import (
	"fmt"

	"groupy/checker/history"
)

var recovery = Property{
	Name: "recovery", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a member that is started again says where it takes up, and delivers and installs again what it had delivered and installed since, the same in the same order and all of it, before anything new and before the run ends",
	check:     checkRecovery,
}

// takeUp is a start of a member that goes on as what it was. What it does again is
// not in the member's log a second time.
type takeUp struct {
	q        int32
	at       int64 // of the view event that it begins with
	log      int32 // next delivery of the member's log that is due again
	install  int32 // next of its installs
	repeated int64
	ended    bool // it does new things, is excluded, or has ended
	broken   int64
	what     string // is wrong, none without
}

// due says what is to come again: a delivery, an install or nothing. An install
// comes before the delivery of the same place.
func (u *takeUp) due(m *member) (delivery, install bool) {
	if int(u.install) < len(m.installs) && m.installs[u.install].before <= u.log {
		return false, true
	}
	return int(u.log) < len(m.log), false
}

// takesUp begins a takeUp with the view event of a member's new start, unless the
// member had done nothing that anybody saw.
func (b *builder) takesUp(e *history.Event, q, view int32) (again bool) {
	m := &b.t.members[q]
	if len(m.installs) == 0 && len(m.log) == 0 {
		return false
	}
	u := takeUp{q: q, at: e.Index, broken: none}
	if last := *e.After; last != "" {
		u.log = none
		for i := range m.log {
			if b.t.msgs[m.log[i].msg].name == last {
				u.log = int32(i) + 1
			}
		}
	}
	u.install = none
	for i := range m.installs {
		present := m.installs[i].before <= u.log && (i+1 == len(m.installs) || m.installs[i+1].before >= u.log)
		if m.installs[i].view == view && present {
			u.install = int32(i) + 1
		}
	}
	b.taking[q] = int32(len(b.t.takeUps))
	b.t.takeUps = append(b.t.takeUps, u)
	switch {
	case u.log == none:
		b.diverges(q, e.Index, fmt.Sprintf("takes up after %s, which it had never delivered", *e.After))
	case u.install == none:
		b.diverges(q, e.Index, fmt.Sprintf("takes up in view %s, in which it was not then", e.View))
	default:
		b.caughtUp(&b.t.takeUps[b.taking[q]])
		return true
	}
	return false
}

// takingUp gives the takeUp that member q is in the middle of.
func (b *builder) takingUp(q int32) *takeUp {
	if i, ok := b.taking[q]; ok {
		return &b.t.takeUps[i]
	}
	return nil
}

// installsAgain takes a view event for one that is due again.
func (b *builder) installsAgain(e *history.Event, q, view, list int32) bool {
	u := b.takingUp(q)
	if u == nil {
		return false
	}
	m := &b.t.members[q]
	if _, due := u.due(m); !due || m.installs[u.install].view != view || m.installs[u.install].list != list {
		b.diverges(q, e.Index, fmt.Sprintf("installs view %s instead", e.View))
		return false
	}
	u.install++
	u.repeated++
	b.caughtUp(u)
	return true
}

// deliversAgain takes a delivery for one that is due again.
func (b *builder) deliversAgain(e *history.Event, q int32) bool {
	u := b.takingUp(q)
	if u == nil {
		return false
	}
	m := &b.t.members[q]
	due, _ := u.due(m)
	switch {
	case !due || b.t.msgs[m.log[u.log].msg].name != e.Msg || e.View != "" && b.t.views[m.log[u.log].view].name != e.View:
		b.diverges(q, e.Index, fmt.Sprintf("delivers %s instead", e.Msg))
		return false
	case e.State != "" && m.log[u.log].state != none && b.t.states[m.log[u.log].state] != e.State:
		b.diverges(q, e.Index, fmt.Sprintf("is in state %s after %s, and was in state %s", e.State, e.Msg, b.t.states[m.log[u.log].state]))
		return true
	}
	u.log++
	u.repeated++
	b.caughtUp(u)
	return true
}

// caughtUp ends a takeUp once nothing is due again.
func (b *builder) caughtUp(u *takeUp) {
	if delivery, install := u.due(&b.t.members[u.q]); !delivery && !install {
		b.leavesOff(u.q)
	}
}

// leavesOff ends a takeUp that owes no more: its process ended or was excluded.
func (b *builder) leavesOff(q int32) {
	if u := b.takingUp(q); u != nil {
		u.ended = true
		delete(b.taking, q)
	}
}

func (b *builder) diverges(q int32, at int64, what string) {
	u := b.takingUp(q)
	u.broken, u.what = at, what
	b.leavesOff(q)
}

func checkRecovery(t *trace) Result {
	var f finding
	for i := range t.takeUps {
		u := &t.takeUps[i]
		m := &t.members[u.q]
		f.evidence += 1 + u.repeated
		begins := t.witness(u.at, "%s, started again, takes up", m.name)
		switch {
		case u.broken != none:
			f.broken(u.broken, func() (string, []Witness) {
				text, due := t.owed(u)
				return fmt.Sprintf("%s was started again and %s%s", m.name, u.what, text),
					append(due, begins, t.witness(u.broken, "%s %s", m.name, u.what))
			})
		case !u.ended && t.live(m) && t.unjudgeable == nil:
			f.broken(t.finalAt, func() (string, []Witness) {
				text, due := t.owed(u)
				return fmt.Sprintf("%s was started again and never came as far as it had been%s", m.name, text),
					append(due, begins, t.final())
			})
		}
	}
	return f.done()
}

// owed is what the member should have done again next.
func (t *trace) owed(u *takeUp) (string, []Witness) {
	m := &t.members[u.q]
	if u.log == none || u.install == none {
		return "", nil
	}
	switch delivery, install := u.due(m); {
	case install:
		return fmt.Sprintf("; it had installed view %s", t.view(m.installs[u.install].view)), []Witness{t.installed(int(u.q), int(u.install))}
	case delivery:
		return fmt.Sprintf("; it had delivered %s", t.msg(m.log[u.log].msg)), []Witness{t.delivered(int(u.q), int(u.log))}
	}
	return "", nil
}
