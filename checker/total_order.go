package checker

import (
	"fmt"
	"strings"
)

var totalOrder = Property{
	Name: "total-order", Kind: Safety, Promised: true, Lasting: true,
	Statement: "one order fits the deliveries of all members: two members deliver the messages they share in the same order, and no cycle arises over three or more",
	check:     checkTotalOrder,
}

// The count is that of pairs of members that disagree; where every two agree and
// only all together do not, or one member alone delivers m1, m2, m1, it is 1.
func checkTotalOrder(t *trace) Result {
	var f finding
	logs := make([][]int32, len(t.members))
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			logs[q] = append(logs[q], d.msg)
			if !d.again {
				f.evidence++
			}
		}
	}
	f.evidence -= t.distinct()
	if fits(logs, len(t.msgs)) {
		return f.done()
	}
	once := t.first()
	if pairs := inversions(once, len(t.msgs)); len(pairs) > 0 {
		for _, v := range pairs {
			t.inverted(&f, v)
		}
		return f.done()
	}
	if t.comesBack(&f) {
		return f.done()
	}
	hops := cycle(once, len(t.msgs))
	f.broken(0, func() (string, []Witness) { return t.cyclic(hops) })
	return f.done()
}

// distinct is how many messages were delivered by anyone.
func (t *trace) distinct() int64 {
	seen := make([]bool, len(t.msgs))
	var n int64
	for q := range t.members {
		for i := range t.members[q].log {
			if d := &t.members[q].log[i]; !seen[d.msg] {
				seen[d.msg] = true
				n++
			}
		}
	}
	return n
}

// where finds member q's first delivery of a message in its log.
func (t *trace) where(q int, msg int32) int {
	for i := range t.members[q].log {
		if t.members[q].log[i].msg == msg {
			return i
		}
	}
	return none
}

func (t *trace) inverted(f *finding, v inversion) {
	pa, pb, qb, qa := t.where(v.p, v.a), t.where(v.p, v.b), t.where(v.q, v.b), t.where(v.q, v.a)
	at := max(t.members[v.p].log[pb].at, t.members[v.q].log[qa].at)
	f.broken(at, func() (string, []Witness) {
		return fmt.Sprintf("%s delivers %s before %s; %s delivers %s before %s",
				t.name(v.p), t.msg(v.a), t.msg(v.b), t.name(v.q), t.msg(v.b), t.msg(v.a)),
			[]Witness{t.delivered(v.p, pa), t.delivered(v.p, pb), t.delivered(v.q, qb), t.delivered(v.q, qa)}
	})
}

// comesBack reports a member that delivers a message, then another, then the first
// again: no order fits that.
func (t *trace) comesBack(f *finding) bool {
	for q := range t.members {
		log := t.members[q].log
		for i := range log {
			if !log[i].again || log[i-1].msg == log[i].msg {
				continue
			}
			f.broken(log[i].at, func() (string, []Witness) {
				first := t.where(q, log[i].msg)
				return fmt.Sprintf("%s delivers %s both before and after %s", t.name(q), t.msg(log[i].msg), t.msg(log[i-1].msg)),
					[]Witness{t.delivered(q, first), t.delivered(q, i-1), t.delivered(q, i)}
			})
			f.count = 1
		}
	}
	return f.count > 0
}

func (t *trace) cyclic(hops []hop) (string, []Witness) {
	var parts []string
	var witness []Witness
	for _, h := range hops {
		parts = append(parts, fmt.Sprintf("%s delivers %s before %s", t.name(h.q), t.msg(h.from), t.msg(h.to)))
		witness = append(witness, t.delivered(h.q, t.where(h.q, h.from)), t.delivered(h.q, t.where(h.q, h.to)))
	}
	return strings.Join(parts, "; "), witness
}
