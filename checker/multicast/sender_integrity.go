package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var SenderIntegrity = trace.Property{
	Name: "sender-integrity", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "all deliveries of a message that name a sender name the same one, and it was asked to multicast the message",
	Check:     checkSenderIntegrity,
}

// A message whose id was used more than once has more than one who may be its
// sender. What was asked for after a delivery does not count for it: a message that
// nobody had multicast is integrity's.
func checkSenderIntegrity(t *trace.Trace) report.Result {
	var f report.Finding
	again := map[int32][]trace.Asking{}
	for _, a := range t.AskedAgain {
		again[a.Msg] = append(again[a.Msg], a)
	}
	first := make([]trace.Place, len(t.Msgs)) // q plus 1, so that 0 is nobody
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			if d.Sender == trace.None {
				continue
			}
			f.Evidence++
			asked := askedBefore(t, d, again[d.Msg])
			ref := first[d.Msg]
			switch {
			case !mayBeOf(t, d, asked):
				f.Broken(d.At, func() (string, []report.Witness) { return notAsked(t, q, i, asked) })
			case ref.Q == 0:
				first[d.Msg] = trace.Place{Q: q + 1, I: i}
			default:
				ref.Q--
				other := &t.Members[ref.Q].Log[ref.I]
				if other.Sender == d.Sender || t.SameSender(t.Senders[other.Sender], t.Senders[d.Sender]) {
					continue
				}
				f.Broken(max(d.At, other.At), func() (string, []report.Witness) {
					return fmt.Sprintf("%s delivers %s as of %s, %s as of %s", t.Name(ref.Q), t.Msg(d.Msg),
							t.Senders[other.Sender], t.Name(q), t.Senders[d.Sender]),
						[]report.Witness{deliveredOf(t, ref.Q, ref.I), deliveredOf(t, q, i)}
				})
			}
		}
	}
	return f.Done()
}

// askedBefore lists the invocations of a delivery's message before it.
func askedBefore(t *trace.Trace, d *trace.Delivery, again []trace.Asking) []trace.Asking {
	m := &t.Msgs[d.Msg]
	if m.InvokedAt == trace.None || m.InvokedAt > d.At {
		return nil
	}
	asked := []trace.Asking{{At: m.InvokedAt, Msg: d.Msg, Member: m.Sender}}
	for _, a := range again {
		if a.At < d.At {
			asked = append(asked, a)
		}
	}
	return asked
}

// mayBeOf reports whether the sender that a delivery names is one of those asked, or
// it is not known who they are.
func mayBeOf(t *trace.Trace, d *trace.Delivery, asked []trace.Asking) bool {
	for _, a := range asked {
		if a.Member == trace.None || t.SameSender(t.Name(int(a.Member)), t.Senders[d.Sender]) {
			return true
		}
	}
	return len(asked) == 0
}

func notAsked(t *trace.Trace, q, i int, asked []trace.Asking) (string, []report.Witness) {
	d := &t.Members[q].Log[i]
	var witness []report.Witness
	for _, a := range asked {
		witness = append(witness, t.Witness(a.At, "%s is asked to multicast %s", t.Name(int(a.Member)), t.Msg(d.Msg)))
	}
	return fmt.Sprintf("%s delivers %s as of %s, but %s was asked to multicast it",
		t.Name(q), t.Msg(d.Msg), t.Senders[d.Sender], t.Name(int(asked[0].Member))), append(witness, deliveredOf(t, q, i))
}

// deliveredOf is a delivery with the sender that it names.
func deliveredOf(t *trace.Trace, q, i int) report.Witness {
	d := &t.Members[q].Log[i]
	return t.Witness(d.At, "%s delivers %s of %s", t.Name(q), t.Msg(d.Msg), t.Senders[d.Sender])
}
