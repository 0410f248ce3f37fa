package checker

import "fmt"

var senderIntegrity = Property{
	Name: "sender-integrity", Kind: Safety, Promised: true, Lasting: true,
	Statement: "all deliveries of a message that name a sender name the same one, and it was asked to multicast the message",
	check:     checkSenderIntegrity,
}

// A message whose id was used more than once has more than one who may be its
// sender. What was asked for after a delivery does not count for it: a message that
// nobody had multicast is integrity's.
func checkSenderIntegrity(t *trace) Result {
	var f finding
	again := map[int32][]asking{}
	for _, a := range t.askedAgain {
		again[a.msg] = append(again[a.msg], a)
	}
	first := make([]place, len(t.msgs)) // q plus 1, so that 0 is nobody
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if d.sender == none {
				continue
			}
			f.evidence++
			asked := t.askedBefore(d, again[d.msg])
			ref := first[d.msg]
			switch {
			case !t.mayBeOf(d, asked):
				f.broken(d.at, func() (string, []Witness) { return t.notAsked(q, i, asked) })
			case ref.q == 0:
				first[d.msg] = place{q + 1, i}
			default:
				ref.q--
				other := &t.members[ref.q].log[ref.i]
				if other.sender == d.sender || t.sameSender(t.senders[other.sender], t.senders[d.sender]) {
					continue
				}
				f.broken(max(d.at, other.at), func() (string, []Witness) {
					return fmt.Sprintf("%s delivers %s as of %s, %s as of %s", t.name(ref.q), t.msg(d.msg),
							t.senders[other.sender], t.name(q), t.senders[d.sender]),
						[]Witness{t.deliveredOf(ref.q, ref.i), t.deliveredOf(q, i)}
				})
			}
		}
	}
	return f.done()
}

// askedBefore lists the invocations of a delivery's message before it.
func (t *trace) askedBefore(d *delivery, again []asking) []asking {
	m := &t.msgs[d.msg]
	if m.invokedAt == none || m.invokedAt > d.at {
		return nil
	}
	asked := []asking{{m.invokedAt, d.msg, m.sender}}
	for _, a := range again {
		if a.at < d.at {
			asked = append(asked, a)
		}
	}
	return asked
}

// mayBeOf reports whether the sender that a delivery names is one of those asked, or
// it is not known who they are.
func (t *trace) mayBeOf(d *delivery, asked []asking) bool {
	for _, a := range asked {
		if a.member == none || t.sameSender(t.name(int(a.member)), t.senders[d.sender]) {
			return true
		}
	}
	return len(asked) == 0
}

// sameSender compares two names for a sender.
func (t *trace) sameSender(a, b string) bool {
	return a == b || t.bare && nodeOf(a) == nodeOf(b)
}

func (t *trace) notAsked(q, i int, asked []asking) (string, []Witness) {
	d := &t.members[q].log[i]
	var witness []Witness
	for _, a := range asked {
		witness = append(witness, t.witness(a.at, "%s is asked to multicast %s", t.name(int(a.member)), t.msg(d.msg)))
	}
	return fmt.Sprintf("%s delivers %s as of %s, but %s was asked to multicast it",
		t.name(q), t.msg(d.msg), t.senders[d.sender], t.name(int(asked[0].member))), append(witness, t.deliveredOf(q, i))
}

// deliveredOf is a delivery with the sender that it names.
func (t *trace) deliveredOf(q, i int) Witness {
	d := &t.members[q].log[i]
	return t.witness(d.at, "%s delivers %s of %s", t.name(q), t.msg(d.msg), t.senders[d.sender])
}
