package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var SendingViewDelivery = trace.Property{
	Name: "sending-view-delivery", Kind: trace.Safety,
	Statement: "a message is delivered in the view in which it was sent (needs `send` events)",
	Check:     checkSendingViewDelivery,
}

// A message that was sent again in a later view counts as sent in each of them.
func checkSendingViewDelivery(t *trace.Trace) report.Result {
	if len(t.Sends) == 0 {
		return report.Unjudged(&report.Reason{Code: report.DoesNotApply, Text: "the history has no send events"})
	}
	var f report.Finding
	sentIn := make([][]int, len(t.Msgs)) // indexes into sends
	for i, s := range t.Sends {
		sentIn[s.Msg] = append(sentIn[s.Msg], i)
	}
	for q := range t.Members {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			if len(sentIn[d.Msg]) == 0 || d.View == trace.None {
				continue
			}
			f.Evidence++
			if sentInView(t, sentIn[d.Msg], d.View) {
				continue
			}
			f.Broken(d.At, func() (string, []report.Witness) {
				s := t.Sends[sentIn[d.Msg][0]]
				return Strays(t, Stray{
					Msg: t.Msg(d.Msg), Sender: t.Name(int(s.Member)), Sent: t.View(s.View), SentAt: s.At,
					By: t.Name(q), View: t.View(d.View), At: d.At,
				})
			})
		}
	}
	return f.Done()
}

// Stray is a message that a member sent in one view and another delivered in
// another.
type Stray struct {
	Msg          string
	Sender, Sent string // the member, and the view in which it sent
	SentAt       int64
	By, View     string // the member that delivered, and in which view
	At           int64
}

// Strays shows it.
func Strays(t *trace.Trace, x Stray) (string, []report.Witness) {
	return fmt.Sprintf("%s delivers %s in view %s, but %s sent it in view %s", x.By, x.Msg, x.View, x.Sender, x.Sent),
		[]report.Witness{
			t.Witness(x.SentAt, "%s sends %s in view %s", x.Sender, x.Msg, x.Sent),
			t.Witness(x.At, "%s delivers %s in view %s", x.By, x.Msg, x.View),
		}
}

func sentInView(t *trace.Trace, sends []int, view int32) bool {
	for _, i := range sends {
		if t.Sends[i].View == view {
			return true
		}
	}
	return false
}
