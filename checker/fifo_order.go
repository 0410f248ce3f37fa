package checker

import "fmt"

var fifoOrder = Property{
	Name: "fifo-order", Kind: Safety, Promised: true,
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
	joined := make([]int32, len(t.views)) // last member that installed the view so far, plus 1
	t.eachPosition(func(q int, pos []int32) {
		for s := range last {
			last[s], prev[s] = none, none
		}
		m := &t.members[q]
		next := 0
		for i := range m.log {
			d := &m.log[i]
			for ; next <= int(d.during); next++ {
				joined[m.installs[next].view] = int32(q) + 1
			}
			s := t.msgs[d.msg].sender
			if s == none {
				continue
			}
			here := t.msgs[d.msg].pos
			if prev[s] != none {
				f.evidence++
			}
			if here < last[s] {
				f.broken(d.at, func() (string, []Witness) { return t.disordered(q, int(prev[s]), i) })
				continue
			}
			for skipped := last[s] + 1; skipped < here; skipped++ {
				x := t.members[s].sent[skipped]
				could := len(m.installs) > 0 && m.firstInstall() < t.msgs[x].invokedAt ||
					in[x] != none && joined[in[x]] == int32(q)+1
				if t.msgs[x].ackedAt == none || pos[x] != none || !could {
					continue
				}
				f.broken(max(d.at, t.msgs[x].ackedAt), func() (string, []Witness) { return t.skipped(q, i, x) })
			}
			last[s], prev[s] = here, int32(i)
		}
	})
	return f.done()
}

// deliveredIn gives, for each message, a view in which some member delivered it.
func (t *trace) deliveredIn() []int32 {
	in := make([]int32, len(t.msgs))
	for i := range in {
		in[i] = none
	}
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			in[d.msg] = d.view
		}
	}
	return in
}

func (t *trace) disordered(q, first, second int) (string, []Witness) {
	later, sooner := t.members[q].log[first].msg, t.members[q].log[second].msg
	return fmt.Sprintf("%s was asked to send %s before %s; %s delivers %s after %s",
			t.name(int(t.msgs[later].sender)), t.msg(sooner), t.msg(later), t.name(q), t.msg(sooner), t.msg(later)),
		[]Witness{t.invoked(sooner), t.invoked(later), t.delivered(q, first), t.delivered(q, second)}
}

func (t *trace) skipped(q, i int, x int32) (string, []Witness) {
	m := t.members[q].log[i].msg
	witness := []Witness{t.invoked(x), t.acked(x), t.invoked(m)}
	if len(t.members[q].installs) > 0 {
		witness = append(witness, t.installed(q, 0))
	}
	return fmt.Sprintf("%s delivers %s of %s but never %s, which %s was asked to send before it and which was acknowledged",
		t.name(q), t.msg(m), t.name(int(t.msgs[m].sender)), t.msg(x), t.name(int(t.msgs[x].sender))), append(witness, t.delivered(q, i))
}
