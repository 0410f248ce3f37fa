package checker

import "fmt"

var virtualSynchrony = Property{
	Name: "virtual-synchrony", Kind: Safety, Promised: true, Lasting: true,
	Statement: "members that go together from one view to the same next view have delivered the same messages in the first",
	check:     checkVirtualSynchrony,
}

// change is a step from one view to the next.
type change struct{ from, to int32 }

// checkVirtualSynchrony compares, for each view change, all members that made it.
func checkVirtualSynchrony(t *trace) Result {
	var f finding
	var order []change
	made := map[change][]place{} // who made the change; i: of the install of the first view
	for q := range t.members {
		installs := t.members[q].installs
		for i := 0; i+1 < len(installs); i++ {
			c := change{installs[i].view, installs[i+1].view}
			if c.from == c.to {
				continue // the same view again is no change; view-monotonicity judges that
			}
			if made[c] == nil {
				order = append(order, c)
			}
			made[c] = append(made[c], place{q, i})
		}
	}
	have := make([]tally, len(t.msgs))
	turn := int32(0)
	for _, c := range order {
		// They stand member by member. Who makes a change twice goes with nobody for that.
		if who := made[c]; who[0].q != who[len(who)-1].q {
			t.together(&f, c, who, have, &turn)
		}
	}
	return f.done()
}

// tally counts, within one view change, the members that delivered a message.
type tally struct{ members, turn int32 }

// together compares the members that made one view change. The count is that of
// messages that some have delivered and some have not.
func (t *trace) together(f *finding, c change, who []place, have []tally, turn *int32) {
	var union []place // one delivery of each message; i: index into q's log
	for _, p := range who {
		*turn++
		t.eachDeliveredIn(p, c.from, func(i int) {
			h := &have[t.members[p.q].log[i].msg]
			if h.turn == *turn {
				return // delivered twice
			}
			h.turn = *turn
			if h.members++; h.members == 1 {
				union = append(union, place{p.q, i})
			}
		})
	}
	f.evidence += int64(len(union)) * int64(len(who)-1)
	for _, u := range union {
		d := &t.members[u.q].log[u.i]
		if int(have[d.msg].members) < len(who) {
			f.broken(d.at, func() (string, []Witness) { return t.apart(c, who, u) })
		}
		have[d.msg].members = 0
	}
}

// eachDeliveredIn calls f for each delivery, by its index in the log, that p's
// member made in view v before it installed the view after install p.i.
func (t *trace) eachDeliveredIn(p place, v int32, f func(i int)) {
	m := &t.members[p.q]
	from, to := m.installs[p.i].before, m.installs[p.i+1].before
	for _, i := range m.odd { // said to be in v, made in another or before it was left
		if i >= from {
			break
		}
		if m.log[i].view == v {
			f(int(i))
		}
	}
	for k := range m.installs[:p.i] { // the same view, installed before
		if m.installs[k].view == v {
			t.eachCurrent(m, m.installs[k].before, m.installs[k+1].before, v, f)
		}
	}
	t.eachCurrent(m, from, to, v, f)
}

func (t *trace) eachCurrent(m *member, from, to, v int32, f func(i int)) {
	for i := from; i < to; i++ {
		if m.log[i].view == v {
			f(int(i))
		}
	}
}

// apart is the witness: one of those who went together delivered u's message in the
// first view, another one did not.
func (t *trace) apart(c change, who []place, u place) (string, []Witness) {
	msg := t.members[u.q].log[u.i].msg
	delivered := make([]int, len(who)) // index into the log, none without
	for n, p := range who {
		delivered[n] = none
		t.eachDeliveredIn(p, c.from, func(i int) {
			if delivered[n] == none && t.members[p.q].log[i].msg == msg {
				delivered[n] = i
			}
		})
	}
	// One member may have made the change twice; it is not held against itself.
	var with, without int
	for n := range who {
		for o := range who {
			if delivered[n] != none && delivered[o] == none && who[n].q != who[o].q {
				with, without = n, o
			}
		}
	}
	a, b := who[with], who[without]
	return fmt.Sprintf("%s went from view %s to view %s without %s, which %s delivered in view %s",
			t.name(b.q), t.view(c.from), t.view(c.to), t.msg(msg), t.name(a.q), t.view(c.from)),
		[]Witness{
			t.installed(a.q, a.i), t.delivered(a.q, delivered[with]), t.installed(a.q, a.i+1),
			t.installed(b.q, b.i), t.installed(b.q, b.i+1),
		}
}
