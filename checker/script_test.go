package checker_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// A history in the words of the golden files, one event a line:
//
//	n1.1 starts                         n1.1 stops
//	n1.1 exits 3                        n1.1 exits 3 asked shutdown (kill, leave)
//	n1.1 dies segfault                  n1.1 exits 70 saying panic: lost (its cause)
//	n1.1 finds damage                   n1.1 finds damage by rot (a fault of the plan) saying bad sum
//	a starts on n1                      (its name does not say its node)
//	n1.1 installs 2 {n1.1 n2.1}         n1.1 installs 2 {n1.1} non-primary
//	n1.1 installs 2 {n1.1} after m1     n1.1 installs 2 {n1.1} after - (started again)
//	n1.1 installs 2 {n1.1} non-primary after m1
//	n1.1 delivers m1 in 2               n1.1 delivers m1 in 2 as s7 (its state)
//	n1.1 delivers m1 of n2.1 (its sender)
//	n1.1 sends m1 in 2                  n1.1 is evicted
//	n1.1 loses a line
//	ask n1.1 m1                         ack m1, fail m1, lose m1 (info)
//	ask n1.1 to join                    ack n1.1 join, fail n1.1 join, lose n1.1 join
//	phase final                         fault kill, fault kill ends, fault kill skipped
//	c1 asks read k                      c1 asks write k 5 as m1 (its message)
//	c1 asks cas k 4 5                   c1 ok read 5, c1 ok write, c1 fail cas, c1 info write
//	c1 asks add 5, c1 asks read         c1 asks acquire, and so on: of an object without a key
//	c1 on n1 asks write k 5 as m1       (of that node)
//
// ask n1 m1 leaves the member out, as a client does that knows the node only.
func script(text string) ([]history.Event, error) {
	var events []history.Event
	for _, line := range strings.Split(text, "\n") {
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) == "" {
			continue
		}
		e, err := scriptLine(strings.Fields(strings.NewReplacer("{", "{ ", "}", " }").Replace(line)))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		events = append(events, e)
	}
	return events, nil
}

// mustScript is script for lines that a test makes itself.
func mustScript(lines []string) []history.Event {
	events, err := script(strings.Join(lines, "\n"))
	if err != nil {
		panic(err)
	}
	return events
}

func scriptLine(w []string) (history.Event, error) {
	at := func(i int) string {
		if i < len(w) {
			return w[i]
		}
		return ""
	}
	switch w[0] {
	case "phase":
		return history.Event{Type: history.Phase, Phase: at(1)}, nil
	case "fault":
		phase := map[string]string{"": history.FaultBegin, "ends": history.FaultEnd, "skipped": history.FaultSkip}[at(2)]
		return history.Event{Type: history.Fault, Fault: at(1), Phase: phase}, nil
	case "ask", "ack", "fail", "lose":
		return scriptCall(w[0], w[1:])
	}
	if at(1) == "on" {
		e, err := scriptLine(slices.Concat(w[:1], w[3:]))
		e.Node = w[2]
		return e, err
	}
	e := history.Event{Member: w[0]}
	node, _, _ := strings.Cut(w[0], ".")
	switch at(1) {
	case "asks", "ok", "fail", "info":
		return scriptOperation(w)
	case "starts":
		if e.Type, e.Node = history.Start, node; at(2) == "on" {
			e.Node = at(3)
		}
	case "stops":
		e.Type, e.Node, e.How = history.Stop, node, history.StopKill
	case "exits", "dies", "finds":
		return scriptEnd(e, node, w[1:])
	case "is":
		e.Type, e.Reason = history.Evict, "told so"
	case "delivers":
		e.Type, e.Msg = history.Deliver, at(2)
		for i := 3; i+1 < len(w); i += 2 {
			switch w[i] {
			case "in":
				e.View = w[i+1]
			case "as":
				e.State = w[i+1]
			case "of":
				e.Sender = w[i+1]
			}
		}
	case "loses":
		e.Type, e.Reason = history.Lost, "too long"
	case "sends":
		e.Type, e.Msg, e.View = history.Send, at(2), at(4)
	case "installs":
		e.Type, e.View, e.Members = history.View, at(2), []string{}
		for i := 4; i < len(w) && w[i] != "}"; i++ {
			e.Members = append(e.Members, w[i])
		}
		if slices.Contains(w, "non-primary") {
			e.Primary = new(bool)
		}
		if n := len(w); w[n-2] == "after" {
			e.After = new(strings.TrimPrefix(w[n-1], "-"))
		}
	default:
		return e, fmt.Errorf("no event is called %q", at(1))
	}
	return e, nil
}

// scriptEnd makes the end of a process that was not killed.
func scriptEnd(e history.Event, node string, w []string) (history.Event, error) {
	e.Type, e.Node = history.Stop, node
	said := ""
	if i := slices.Index(w, "saying"); i > 0 {
		said, w = strings.Join(w[i+1:], " "), w[:i]
	}
	switch w[0] {
	case "exits":
		e.How, e.Cause, e.Code = history.StopExit, said, new(0)
		if _, err := fmt.Sscan(w[1], e.Code); err != nil {
			return e, err
		}
	case "dies":
		e.How, e.Cause, e.Reason = history.StopSignal, said, w[1]
	case "finds":
		e.How, e.Reason = history.StopDamaged, said
	}
	if len(w) == 4 && w[2] == "asked" {
		e.Asked = w[3]
	}
	if len(w) == 4 && w[2] == "by" {
		e.Fault, e.ID = w[3], "f1"
	}
	return e, nil
}

// scriptCall makes an operation's event. Each has a process of its own, named after
// what is asked.
func scriptCall(verb string, w []string) (history.Event, error) {
	e := history.Event{Type: map[string]history.Type{
		"ask": history.Invoke, "ack": history.OK, "fail": history.Fail, "lose": history.Info,
	}[verb]}
	last := w[len(w)-1]
	if last == "join" || last == "leave" {
		e.F, e.Process, e.Value = last, last+"-"+w[0], json.RawMessage("null")
	} else {
		e.F, e.Process, e.Value = "multicast", "c-"+last, json.RawMessage(`"`+last+`"`)
	}
	if verb == "ask" {
		node, _, whole := strings.Cut(w[0], ".")
		if e.Node = node; whole {
			e.Member = w[0]
		}
	}
	return e, nil
}

// scriptOperation makes an event of an operation on an object. null is a value, too.
func scriptOperation(w []string) (history.Event, error) {
	if len(w) < 3 {
		return history.Event{}, fmt.Errorf("%q needs a kind of operation", w[1])
	}
	e := history.Event{Type: history.Type(w[1]), Process: w[0], F: w[2]}
	rest := w[3:]
	if e.Type != history.Invoke && w[1] != "asks" {
		if len(rest) == 1 {
			e.Value = json.RawMessage(fmt.Sprintf(`{"value":%s}`, rest[0]))
		}
		return e, nil
	}
	e.Type = history.Invoke
	if n := len(rest); n > 2 && rest[n-2] == "as" {
		e.Msg, rest = rest[n-1], rest[:n-2]
	}
	words, keyed := map[string]int{"read": 1, "write": 2, "cas": 3}[e.F]
	if !keyed || len(rest) < words { // of an object without a key
		e.Value = json.RawMessage(strings.Join(append(rest, "null")[:1], ""))
		return e, nil
	}
	form, args := map[string]string{
		"read": `{"key":%q,"value":null}`, "write": `{"key":%q,"value":%s}`, "cas": `{"key":%q,"from":%s,"to":%s}`,
	}[e.F], []any{}
	for _, x := range rest {
		args = append(args, x)
	}
	e.Value = json.RawMessage(fmt.Sprintf(form, args...))
	return e, nil
}

// encode writes events as a history file.
func encode(t testing.TB, h history.Header, events []history.Event) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := history.NewWriter(&buf, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if err := w.Append(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// check judges events by way of a file's bytes.
func check(t testing.TB, events []history.Event, o checker.Options) report.Report {
	t.Helper()
	r, err := history.NewReader(bytes.NewReader(encode(t, history.Header{}, events)), "history")
	if err != nil {
		t.Fatal(err)
	}
	rep, err := checker.Check(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}
