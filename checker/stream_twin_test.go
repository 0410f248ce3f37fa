package checker_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// TestStreamTwin holds the stream to the trace: where it gives a report, it is the
// same, evidence and all. It must give one for most right histories.
func TestStreamTwin(t *testing.T) {
	right, proven, suspicions := 0, 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		valid := d.intn(3) > 0
		var events []history.Event
		if valid {
			events = lateSends(simulate(d, 20+d.intn(100)), d)
			if d.intn(2) == 0 {
				events = operations(events, d)
			}
		} else {
			events = anyHistory(d)
		}
		stream, trace, why := checker.Both(t, encode(t, history.Header{}, events), checker.Options{Promises: allNames()})
		if valid {
			right++
		}
		if stream == nil {
			if valid {
				suspicions[why]++
			}
			return
		}
		if valid {
			proven++
		}
		if diff := cmp.Diff(trace, stream); diff != "" {
			rt.Fatalf("the stream's report differs (-trace +stream):\n%s\n%s", diff, show(t, events))
		}
	})
	t.Logf("the stream proves %d of %d right histories; the others: %v", proven, right, suspicions)
	if !t.Failed() && proven < right*2/3 {
		t.Errorf("the stream proves %d of %d right histories only: %v", proven, right, suspicions)
	}
}

// TestStreamSuspects shows faults that only one guard of the stream sees.
func TestStreamSuspects(t *testing.T) {
	both := "n1.1 installs 1 {n1.1 n2.1}\nn2.1 installs 1 {n1.1 n2.1}\n"
	for property, lines := range map[string]string{
		"no-duplication":    both + "ask n1.1 m1\nn1.1 delivers m1\nn2.1 delivers m1\nack m1\nask n1.1 m1\nn1.1 delivers m1\nn2.1 delivers m1\nack m1",
		"virtual-synchrony": both + "ask n2.1 m1\nn1.1 installs 2 {n1.1 n2.1}\nn2.1 delivers m1 in 1\nn2.1 installs 2 {n1.1 n2.1}",
		"no-loss": "n3.1 installs 1 {n3.1 n1.1 n2.1}\nn1.1 installs 1 {n3.1 n1.1 n2.1}\nn2.1 installs 1 {n3.1 n1.1 n2.1}\n" +
			"ask n3.1 m1\nack m1\nn3.1 stops\nn1.1 installs 2 {n1.1 n2.1}\nn2.1 installs 2 {n1.1 n2.1}\nphase final\nphase end",
	} {
		events, err := script(lines)
		if err != nil {
			t.Fatal(err)
		}
		rep := check(t, events, checker.Options{})
		if got := rep.Properties[property]; got.Verdict != report.Invalid {
			t.Errorf("%s is %s in\n%s", property, got.Verdict, lines)
		}
	}
}

// lateSends has some sends be seen later than they were, as happens where every
// member is heard on a line of its own, some be of another view, and some come twice.
func lateSends(events []history.Event, d dice) []history.Event {
	for i := len(events) - 1; i >= 0; i-- {
		if e := events[i]; e.Type == history.Send && d.intn(3) == 0 {
			if d.intn(3) == 0 {
				e.View = "1"
			}
			to := min(i+d.intn(12), len(events)-1)
			copy(events[i:to], events[i+1:to+1])
			events[to] = e
			if d.intn(4) == 0 {
				e.View = "2"
				events = slices.Insert(events, to, e)
			}
		}
	}
	return events
}

// operations makes writes and failing cas of some multicasts, and has clients read
// what is answered without a message.
func operations(events []history.Event, d dice) []history.Event {
	var out []history.Event
	turned := map[string]history.Event{} // by process
	final := false
	for i, e := range events {
		final = final || e.Phase == history.PhaseFinal
		switch begun, ok := turned[e.Process]; {
		case e.Type == history.Invoke && e.F == "multicast" && !final && d.intn(3) == 0:
			_ = json.Unmarshal(e.Value, &e.Msg)
			e.F, e.Value = "write", fmt.Appendf(nil, `{"key":"k","value":%d}`, i)
			if d.intn(3) == 0 {
				e.F, e.Value = "cas", fmt.Appendf(nil, `{"key":"k","from":-1,"to":%d}`, i)
			}
			turned[e.Process] = e
			if d.intn(3) == 0 { // answered before anybody delivers it
				early := e
				early.Type = history.OK
				if e.F == "cas" {
					early.Type = history.Fail
				}
				turned[e.Process] = history.Event{}
				out = append(out, e)
				e, e.Msg = early, ""
			}
		case ok && e.Process != "" && begun.F == "":
			delete(turned, e.Process)
			continue
		case ok && e.Process != "":
			e.F, e.Value = begun.F, begun.Value
			if e.F == "cas" && e.Type == history.OK {
				e.Type = history.Fail
			}
			delete(turned, e.Process)
		case e.Type == history.Deliver && !final && d.intn(8) == 0:
			read := history.Event{Process: fmt.Sprint("r", i), Node: nodes[d.intn(len(nodes))], F: "read", Value: []byte(`{"key":"k","value":null}`)}
			ask := read
			ask.Type, ask.Msg = history.Invoke, fmt.Sprint("r", i)
			read.Type = []history.Type{history.OK, history.Fail, history.Info}[d.intn(3)]
			out = append(out, ask, read)
		}
		out = append(out, e)
	}
	return out
}

var nodes = []string{"n1", "n2", "n9"}
