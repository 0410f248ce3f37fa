package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var FifoOrder = trace.Property{
	Name: "fifo-order", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "messages of one sender are delivered in the order it was asked to send them, and none is skipped that was acknowledged",
	Check:     checkFIFOOrder,
}

// A member is blamed for skipping a message only if it could have delivered it: it
// was a member before the message was asked for, or had installed the view in which
// others delivered it. A second delivery out of order counts, a repeated one at
// once does not.
func checkFIFOOrder(t *trace.Trace) report.Result {
	var f report.Finding
	in := deliveredIn(t)
	last := make([]int32, len(t.Members)) // by sender: the highest position delivered by q
	prev := make([]int32, len(t.Members)) // by sender: index in q's log of that delivery
	joined := make([]int, len(t.Views))   // last member that installed the view, plus 1
	t.EachPosition(func(q int, pos []int32) {
		for s := range last {
			last[s], prev[s] = trace.None, trace.None
		}
		m := &t.Members[q]
		for _, v := range m.Installs {
			joined[v.View] = q + 1
		}
		could := func(x int32) bool {
			if len(m.Installs) > 0 && m.FirstInstall() < t.Msgs[x].InvokedAt {
				return true
			}
			_, ok := in.find(x, func(v int32) bool { return joined[v] == q+1 })
			return ok
		}
		for i := range m.Log {
			d := &m.Log[i]
			s, here := t.Msgs[d.Msg].Sender, t.Msgs[d.Msg].Pos
			if s == trace.None {
				continue
			}
			if prev[s] != trace.None {
				f.Evidence++
			}
			if here < last[s] {
				f.Broken(d.At, func() (string, []report.Witness) { return disordered(t, q, int(prev[s]), i) })
				continue
			}
			for skipped := last[s] + 1; skipped < here; skipped++ {
				x := t.Members[s].Sent[skipped]
				if t.Msgs[x].AckedAt != trace.None && pos[x] == trace.None && could(x) {
					f.Broken(max(d.At, t.Msgs[x].AckedAt), func() (string, []report.Witness) { return skips(t, q, i, x, in) })
				}
			}
			last[s], prev[s] = here, int32(i)
		}
	})
	return f.Done()
}

// whereabouts finds a delivery of each message in each view: one for nearly all
// messages, more only for those that were delivered in several views.
type whereabouts struct {
	t     *trace.Trace
	first []trace.Place // q plus 1, so that 0 is nobody
	more  map[int32][]trace.Place
}

func deliveredIn(t *trace.Trace) *whereabouts {
	w := &whereabouts{t: t, first: make([]trace.Place, len(t.Msgs)), more: map[int32][]trace.Place{}}
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			switch ref := w.first[d.Msg]; {
			case d.View == trace.None:
			case ref.Q == 0:
				w.first[d.Msg] = trace.Place{Q: q + 1, I: i}
			case t.Members[ref.Q-1].Log[ref.I].View != d.View:
				w.more[d.Msg] = append(w.more[d.Msg], trace.Place{Q: q, I: i})
			}
		}
	}
	return w
}

// find gives a delivery of the message in a view of which holds is true.
func (w *whereabouts) find(msg int32, holds func(view int32) bool) (trace.Place, bool) {
	first := w.first[msg]
	if first.Q--; first.Q >= 0 && holds(w.t.Members[first.Q].Log[first.I].View) {
		return first, true
	}
	for _, p := range w.more[msg] {
		if holds(w.t.Members[p.Q].Log[p.I].View) {
			return p, true
		}
	}
	return trace.Place{}, false
}

func disordered(t *trace.Trace, q, first, second int) (string, []report.Witness) {
	later, sooner := t.Members[q].Log[first].Msg, t.Members[q].Log[second].Msg
	return fmt.Sprintf("%s was asked to send %s before %s; %s delivers %s after %s",
			t.Name(int(t.Msgs[later].Sender)), t.Msg(sooner), t.Msg(later), t.Name(q), t.Msg(sooner), t.Msg(later)),
		[]report.Witness{t.Invoked(sooner), t.Invoked(later), t.Delivered(q, first), t.Delivered(q, second)}
}

func skips(t *trace.Trace, q, i int, x int32, in *whereabouts) (string, []report.Witness) {
	m := t.Members[q].Log[i].Msg
	witness := []report.Witness{t.Invoked(x), t.Acked(x), t.Invoked(m)}
	if first := t.Members[q].FirstInstall(); first != trace.None && first < t.Msgs[x].InvokedAt {
		witness = append(witness, t.Installed(q, 0))
	} else {
		p, _ := in.find(x, func(v int32) bool { return t.InstallOf(q, v) != trace.None })
		witness = append(witness, t.Delivered(p.Q, p.I), t.Installed(q, t.InstallOf(q, t.Members[p.Q].Log[p.I].View)))
	}
	return fmt.Sprintf("%s delivers %s of %s but never %s, which %s was asked to send before it and which was acknowledged",
		t.Name(q), t.Msg(m), t.Name(int(t.Msgs[m].Sender)), t.Msg(x), t.Name(int(t.Msgs[x].Sender))), append(witness, t.Delivered(q, i))
}
