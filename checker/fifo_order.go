package checker

import "fmt"

var fifoOrder = Property{
	Name: "fifo-order", Kind: Safety, Promised: true, Lasting: true,
	Statement: "messages of one sender are delivered in the order it was asked to send them, and none is skipped that was acknowledged",
	check:     checkFIFOOrder,
}

// A member is blamed for skipping a message only if it could have delivered it: it
// was a member before the message was asked for, or had installed the view in which
// others delivered it. A second delivery out of order counts, a repeated one at
// once does not.
func checkFIFOOrder(t *trace) Result {
	var f finding
	in := t.deliveredIn()
	last := make([]int32, len(t.members)) // by sender: the highest position delivered by q
	prev := make([]int32, len(t.members)) // by sender: index in q's log of that delivery
	joined := make([]int, len(t.views))   // last member that installed the view, plus 1
	t.eachPosition(func(q int, pos []int32) {
		for s := range last {
			last[s], prev[s] = none, none
		}
		m := &t.members[q]
		for _, v := range m.installs {
			joined[v.view] = q + 1
		}
		could := func(x int32) bool {
			if len(m.installs) > 0 && m.firstInstall() < t.msgs[x].invokedAt {
				return true
			}
			_, ok := in.find(x, func(v int32) bool { return joined[v] == q+1 })
			return ok
		}
		for i := range m.log {
			d := &m.log[i]
			s, here := t.msgs[d.msg].sender, t.msgs[d.msg].pos
			if s == none {
				continue
			}
			if prev[s] != none {
				f.evidence++
			}
			if here < last[s] {
				f.broken(d.at, func() (string, []Witness) { return t.disordered(q, int(prev[s]), i) })
				continue
			}
			for skipped := last[s] + 1; skipped < here; skipped++ {
				x := t.members[s].sent[skipped]
				if t.msgs[x].ackedAt != none && pos[x] == none && could(x) {
					f.broken(max(d.at, t.msgs[x].ackedAt), func() (string, []Witness) { return t.skipped(q, i, x, in) })
				}
			}
			last[s], prev[s] = here, int32(i)
		}
	})
	return f.done()
}

// whereabouts finds a delivery of each message in each view: one for nearly all
// messages, more only for those that were delivered in several views.
type whereabouts struct {
	t     *trace
	first []place // q plus 1, so that 0 is nobody
	more  map[int32][]place
}

func (t *trace) deliveredIn() *whereabouts {
	w := &whereabouts{t: t, first: make([]place, len(t.msgs)), more: map[int32][]place{}}
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			switch ref := w.first[d.msg]; {
			case d.view == none:
			case ref.q == 0:
				w.first[d.msg] = place{q + 1, i}
			case t.members[ref.q-1].log[ref.i].view != d.view:
				w.more[d.msg] = append(w.more[d.msg], place{q, i})
			}
		}
	}
	return w
}

// find gives a delivery of the message in a view of which holds is true.
func (w *whereabouts) find(msg int32, holds func(view int32) bool) (place, bool) {
	first := w.first[msg]
	if first.q--; first.q >= 0 && holds(w.t.members[first.q].log[first.i].view) {
		return first, true
	}
	for _, p := range w.more[msg] {
		if holds(w.t.members[p.q].log[p.i].view) {
			return p, true
		}
	}
	return place{}, false
}

func (t *trace) disordered(q, first, second int) (string, []Witness) {
	later, sooner := t.members[q].log[first].msg, t.members[q].log[second].msg
	return fmt.Sprintf("%s was asked to send %s before %s; %s delivers %s after %s",
			t.name(int(t.msgs[later].sender)), t.msg(sooner), t.msg(later), t.name(q), t.msg(sooner), t.msg(later)),
		[]Witness{t.invoked(sooner), t.invoked(later), t.delivered(q, first), t.delivered(q, second)}
}

func (t *trace) skipped(q, i int, x int32, in *whereabouts) (string, []Witness) {
	m := t.members[q].log[i].msg
	witness := []Witness{t.invoked(x), t.acked(x), t.invoked(m)}
	if first := t.members[q].firstInstall(); first != none && first < t.msgs[x].invokedAt {
		witness = append(witness, t.installed(q, 0))
	} else {
		p, _ := in.find(x, func(v int32) bool { return t.whereView(q, v) != none })
		witness = append(witness, t.delivered(p.q, p.i), t.installed(q, t.whereView(q, t.members[p.q].log[p.i].view)))
	}
	return fmt.Sprintf("%s delivers %s of %s but never %s, which %s was asked to send before it and which was acknowledged",
		t.name(q), t.msg(m), t.name(int(t.msgs[m].sender)), t.msg(x), t.name(int(t.msgs[x].sender))), append(witness, t.delivered(q, i))
}
