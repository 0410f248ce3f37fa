package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var VirtualSynchrony = trace.Property{
	Name: "virtual-synchrony", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "members that go together from one view to the same next view have delivered the same messages in the first",
	Check:     checkVirtualSynchrony,
}

// change is a step from one view to the next.
type change struct{ from, to int32 }

// checkVirtualSynchrony compares, for each view change, all members that made it.
func checkVirtualSynchrony(t *trace.Trace) report.Result {
	var f report.Finding
	var order []change
	made := map[change][]trace.Place{} // who made the change; i: of the install of the first view
	for q := range t.Members {
		installs := t.Members[q].Installs
		for i := 0; i+1 < len(installs); i++ {
			c := change{installs[i].View, installs[i+1].View}
			if c.from == c.to {
				continue // the same view again is no change; view-monotonicity judges that
			}
			if made[c] == nil {
				order = append(order, c)
			}
			made[c] = append(made[c], trace.Place{Q: q, I: i})
		}
	}
	have := make([]tally, len(t.Msgs))
	turn := int32(0)
	for _, c := range order {
		// They stand member by member. Who makes a change twice goes with nobody for that.
		if who := made[c]; who[0].Q != who[len(who)-1].Q {
			together(t, &f, c, who, have, &turn)
		}
	}
	return f.Done()
}

// tally counts, within one view change, the members that delivered a message.
type tally struct{ members, turn int32 }

// together compares the members that made one view change. The count is that of
// messages that some have delivered and some have not.
func together(t *trace.Trace, f *report.Finding, c change, who []trace.Place, have []tally, turn *int32) {
	var union []trace.Place // one delivery of each message; i: index into q's log
	for _, p := range who {
		*turn++
		eachDeliveredIn(t, p, c.from, func(i int) {
			h := &have[t.Members[p.Q].Log[i].Msg]
			if h.turn == *turn {
				return // delivered twice
			}
			h.turn = *turn
			if h.members++; h.members == 1 {
				union = append(union, trace.Place{Q: p.Q, I: i})
			}
		})
	}
	f.Evidence += int64(len(union)) * int64(len(who)-1)
	for _, u := range union {
		d := &t.Members[u.Q].Log[u.I]
		if int(have[d.Msg].members) < len(who) {
			f.Broken(d.At, func() (string, []report.Witness) { return apart(t, c, who, u) })
		}
		have[d.Msg].members = 0
	}
}

// eachDeliveredIn calls f for each delivery, by its index in the log, that p's
// member made in view v before it installed the view after install p.i.
func eachDeliveredIn(t *trace.Trace, p trace.Place, v int32, f func(i int)) {
	m := &t.Members[p.Q]
	from, to := m.Installs[p.I].Before, m.Installs[p.I+1].Before
	for _, i := range m.Odd { // said to be in v, made in another or before it was left
		if i >= from {
			break
		}
		if m.Log[i].View == v {
			f(int(i))
		}
	}
	for k := range m.Installs[:p.I] { // the same view, installed before
		if m.Installs[k].View == v {
			eachCurrent(t, m, m.Installs[k].Before, m.Installs[k+1].Before, v, f)
		}
	}
	eachCurrent(t, m, from, to, v, f)
}

func eachCurrent(t *trace.Trace, m *trace.Member, from, to, v int32, f func(i int)) {
	for i := from; i < to; i++ {
		if m.Log[i].View == v {
			f(int(i))
		}
	}
}

// apart is the witness: one of those who went together delivered u's message in the
// first view, another one did not.
func apart(t *trace.Trace, c change, who []trace.Place, u trace.Place) (string, []report.Witness) {
	msg := t.Members[u.Q].Log[u.I].Msg
	delivered := make([]int, len(who)) // index into the log, none without
	for n, p := range who {
		delivered[n] = trace.None
		eachDeliveredIn(t, p, c.from, func(i int) {
			if delivered[n] == trace.None && t.Members[p.Q].Log[i].Msg == msg {
				delivered[n] = i
			}
		})
	}
	// One member may have made the change twice; it is not held against itself.
	var with, without int
	for n := range who {
		for o := range who {
			if delivered[n] != trace.None && delivered[o] == trace.None && who[n].Q != who[o].Q {
				with, without = n, o
			}
		}
	}
	a, b := who[with], who[without]
	return fmt.Sprintf("%s went from view %s to view %s without %s, which %s delivered in view %s",
			t.Name(b.Q), t.View(c.from), t.View(c.to), t.Msg(msg), t.Name(a.Q), t.View(c.from)),
		[]report.Witness{
			t.Installed(a.Q, a.I), t.Delivered(a.Q, delivered[with]), t.Installed(a.Q, a.I+1),
			t.Installed(b.Q, b.I), t.Installed(b.Q, b.I+1),
		}
}
