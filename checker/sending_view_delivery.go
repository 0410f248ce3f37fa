package checker

import "fmt"

var sendingViewDelivery = Property{
	Name: "sending-view-delivery", Kind: Safety,
	Statement: "a message is delivered in the view in which it was sent (needs `send` events)",
	check:     checkSendingViewDelivery,
}

// A message that was sent again in a later view counts as sent in each of them.
func checkSendingViewDelivery(t *trace) Result {
	if len(t.sends) == 0 {
		return unknown(&Reason{doesNotApply, "the history has no send events"})
	}
	var f finding
	sentIn := make([][]int, len(t.msgs)) // indexes into sends
	for i, s := range t.sends {
		sentIn[s.msg] = append(sentIn[s.msg], i)
	}
	for q := range t.members {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			if len(sentIn[d.msg]) == 0 || d.view == none {
				continue
			}
			f.evidence++
			if t.sentInView(sentIn[d.msg], d.view) {
				continue
			}
			f.broken(d.at, func() (string, []Witness) {
				s := t.sends[sentIn[d.msg][0]]
				return t.strays(stray{t.msg(d.msg), t.name(int(s.member)), t.view(s.view), s.at, t.name(q), t.view(d.view), d.at})
			})
		}
	}
	return f.done()
}

// stray is a message that a member sent in one view and another delivered in
// another.
type stray struct {
	msg             string
	sender, sent    string // the view
	sentAt          int64
	deliverer, view string
	at              int64
}

func (t *trace) strays(x stray) (string, []Witness) {
	return fmt.Sprintf("%s delivers %s in view %s, but %s sent it in view %s", x.deliverer, x.msg, x.view, x.sender, x.sent),
		[]Witness{
			t.witness(x.sentAt, "%s sends %s in view %s", x.sender, x.msg, x.sent),
			t.witness(x.at, "%s delivers %s in view %s", x.deliverer, x.msg, x.view),
		}
}

func (t *trace) sentInView(sends []int, view int32) bool {
	for _, i := range sends {
		if t.sends[i].view == view {
			return true
		}
	}
	return false
}
