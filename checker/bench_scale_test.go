package checker_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"testing"

	"github.com/anishathalye/porcupine"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// BenchmarkScale judges one history in other ways, to compare: all properties by the
// checker; one order in all views by encoding/json and maps, which is what one would
// write first; all properties by the naive twin; and by porcupine that the multicasts
// are appends to one log.
func BenchmarkScale(b *testing.B) {
	var buf bytes.Buffer
	long(b, &buf, 1e5, nil)
	file, events := buf.Bytes(), eventsOf(b, buf.Bytes())
	var small bytes.Buffer
	long(b, &small, 300, nil)
	few := eventsOf(b, small.Bytes())
	for _, way := range []struct {
		name  string
		n     int
		judge func() bool
	}{
		{"checker", len(events), func() bool {
			r, err := history.NewReader(bytes.NewReader(file), "history")
			if err != nil {
				b.Fatal(err)
			}
			rep, err := checker.Check(r, checker.Options{})
			return err == nil && rep.Verdict == report.Valid
		}},
		{"json-maps", len(events), func() bool { return oneOrder(b, file) }},
		{"porcupine", len(events), func() bool { return porcupine.CheckOperations(appendLog, appends(events)) }},
		{"naive-twin", len(few), func() bool {
			n := &naive{events: few}
			for property := range naiveChecks {
				if n.verdict(property) == report.Invalid {
					return false
				}
			}
			return true
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			fastest(b, int64(way.n), func() {
				if !way.judge() {
					b.Fatal("a valid history is called invalid")
				}
			})
			b.ReportMetric(float64(way.n), "events")
		})
	}
}

func eventsOf(b *testing.B, file []byte) []history.Event {
	b.Helper()
	r, err := history.NewReader(bytes.NewReader(file), "history")
	if err != nil {
		b.Fatal(err)
	}
	events, err := history.ReadAll(r)
	if err != nil {
		b.Fatal(err)
	}
	return events
}

// oneOrder reports whether all members deliver the messages of each view in one order.
func oneOrder(b *testing.B, file []byte) bool {
	order := map[string][]string{}      // by view
	done := map[string]map[string]int{} // deliveries by view and member
	scanner := bufio.NewScanner(bytes.NewReader(file))
	for scanner.Scan() {
		var e history.Event
		if err := json.Unmarshal(scanner.Bytes(), &e); err != nil {
			b.Fatal(err)
		}
		if e.Type != history.Deliver {
			continue
		}
		if done[e.View] == nil {
			done[e.View] = map[string]int{}
		}
		at := done[e.View][e.Member]
		done[e.View][e.Member]++
		if at == len(order[e.View]) {
			order[e.View] = append(order[e.View], e.Msg)
		} else if order[e.View][at] != e.Msg {
			return false
		}
	}
	return true
}

// appendLog is a log whose append gives the position.
var appendLog = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(length, _, position any) (bool, any) { return position == length, length.(int) + 1 },
}

// appends makes an append of each multicast, at the place of its first delivery.
func appends(events []history.Event) []porcupine.Operation {
	at, calls := map[string]int{}, map[string]*history.Event{}
	var list []porcupine.Operation
	for i := range events {
		switch e := &events[i]; e.Type {
		case history.Invoke:
			calls[e.Process] = e
		case history.Deliver:
			if _, known := at[e.Msg]; !known {
				at[e.Msg] = len(at)
			}
		case history.OK:
			call := calls[e.Process]
			list = append(list, porcupine.Operation{
				Call: call.Index, Return: e.Index, Output: at[string(call.Value[1:len(call.Value)-1])],
			})
		}
	}
	return list
}
