package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var CausalOrder = trace.Property{
	Name: "causal-order", Kind: trace.Safety,
	Statement: "a message is never delivered before one that its sender had delivered or sent earlier",
	Check:     checkCausalOrder,
}

// What a sender had delivered when a message was asked of it came before the
// message for sure. A member that never delivers an earlier message does not
// deliver the later one before it.
func checkCausalOrder(t *trace.Trace) report.Result {
	var f report.Finding
	t.EachPosition(func(q int, pos []int32) {
		for s := range t.Members {
			causes(t, &f, q, s, pos)
		}
	})
	return f.Done()
}

// causes compares q's deliveries of what s sent with what s had delivered or sent
// before: none of that may come later at q.
func causes(t *trace.Trace, f *report.Finding, q, s int, pos []int32) {
	var latest int32 = trace.None // message of s's past that q delivers last
	past := func(x int32) {
		if pos[x] != trace.None && (latest == trace.None || pos[x] > pos[latest]) {
			latest = x
		}
	}
	next, log := 0, t.Members[s].Log
	for _, x := range t.Members[s].Sent {
		for ; next < len(log) && log[next].At < t.Msgs[x].InvokedAt; next++ {
			past(log[next].Msg)
		}
		if pos[x] == trace.None {
			continue
		}
		if latest != trace.None {
			f.Evidence++
		}
		if latest != trace.None && pos[latest] > pos[x] {
			f.Broken(t.Members[q].Log[pos[latest]].At, func() (string, []report.Witness) { return acausal(t, q, s, x, latest, pos) })
		}
		past(x)
	}
}

func acausal(t *trace.Trace, q, s int, x, earlier int32, pos []int32) (string, []report.Witness) {
	had, cause := "sent", t.Invoked(earlier)
	if i := where(t, s, earlier); i != trace.None && t.Members[s].Log[i].At < t.Msgs[x].InvokedAt {
		had, cause = "delivered", t.Delivered(s, i)
	}
	return fmt.Sprintf("%s had %s %s when it was asked to send %s; %s delivers %s before %s",
			t.Name(s), had, t.Msg(earlier), t.Msg(x), t.Name(q), t.Msg(x), t.Msg(earlier)),
		[]report.Witness{cause, t.Invoked(x), t.Delivered(q, int(pos[x])), t.Delivered(q, int(pos[earlier]))}
}
