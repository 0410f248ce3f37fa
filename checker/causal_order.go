package checker

import "fmt"

var causalOrder = Property{
	Name: "causal-order", Kind: Safety,
	Statement: "a message is never delivered before one that its sender had delivered or sent earlier",
	check:     checkCausalOrder,
}

// What a sender had delivered when a message was asked of it came before the
// message for sure. A member that never delivers an earlier message does not
// deliver the later one before it.
func checkCausalOrder(t *trace) Result {
	var f finding
	t.eachPosition(func(q int, pos []int32) {
		for s := range t.members {
			t.causes(&f, q, s, pos)
		}
	})
	return f.done()
}

// causes compares q's deliveries of what s sent with what s had delivered or sent
// before: none of that may come later at q.
func (t *trace) causes(f *finding, q, s int, pos []int32) {
	var latest int32 = none // message of s's past that q delivers last
	past := func(x int32) {
		if pos[x] != none && (latest == none || pos[x] > pos[latest]) {
			latest = x
		}
	}
	next, log := 0, t.members[s].log
	for _, x := range t.members[s].sent {
		for ; next < len(log) && log[next].at < t.msgs[x].invokedAt; next++ {
			past(log[next].msg)
		}
		if pos[x] == none {
			continue
		}
		if latest != none {
			f.evidence++
		}
		if latest != none && pos[latest] > pos[x] {
			f.broken(t.members[q].log[pos[latest]].at, func() (string, []Witness) { return t.acausal(q, s, x, latest, pos) })
		}
		past(x)
	}
}

func (t *trace) acausal(q, s int, x, earlier int32, pos []int32) (string, []Witness) {
	had, cause := "sent", t.invoked(earlier)
	if i := t.where(s, earlier); i != none && t.members[s].log[i].at < t.msgs[x].invokedAt {
		had, cause = "delivered", t.delivered(s, i)
	}
	return fmt.Sprintf("%s had %s %s when it was asked to send %s; %s delivers %s before %s",
			t.name(s), had, t.msg(earlier), t.msg(x), t.name(q), t.msg(x), t.msg(earlier)),
		[]Witness{cause, t.invoked(x), t.delivered(q, int(pos[x])), t.delivered(q, int(pos[earlier]))}
}
