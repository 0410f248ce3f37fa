package checker_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// operation events of the history, as invocations.
func (n *naive) operations() []history.Event {
	return only(n.of(history.Invoke), func(e history.Event) bool { return slices.Contains([]string{"read", "write", "cas"}, e.F) })
}

func valueOf(e history.Event, key string) string {
	var v map[string]any
	_ = json.Unmarshal(e.Value, &v)
	return fmt.Sprint(v[key])
}

// unanswered: no read and no cas took effect.
func (n *naive) unanswered() bool {
	return !slices.ContainsFunc(n.operations(), func(e history.Event) bool { return e.F != "write" && n.Acked(e) })
}

// linearizable is the definition: for each key some order, in which an operation
// comes after all that ended before it was asked, and in which all that is known of
// is right. What failed did nothing; what is unknown may have happened or not, but
// did nothing if it was to be a message, as all was that did happen, and never was.
func (n *naive) linearizable() bool {
	byKey := map[string][]history.Event{}
	for _, e := range n.operations() {
		if end := n.ended(e); end == nil || end.Type != history.Fail {
			byKey[valueOf(e, "key")] = append(byKey[valueOf(e, "key")], e)
		}
	}
	for _, ops := range byKey {
		if !slices.ContainsFunc(ops, func(e history.Event) bool { return e.F != "read" && n.Acked(e) && !n.carried(e) }) && n.orderly() {
			ops = only(ops, func(e history.Event) bool { return n.Acked(e) || e.Msg == "" || n.carried(e) })
		}
		if !n.orders(ops, fmt.Sprint(nil), map[string]bool{}) {
			return false
		}
	}
	return true
}

// orderly: the delivery logs tell what came to nothing.
func (n *naive) orderly() bool {
	return n.integrity() && n.noDuplication() && n.totalOrder() && n.gapFreedom() && n.agreement(false)
}

// orders: the operations that are left fit an order that begins with the value.
func (n *naive) orders(left []history.Event, held string, tried map[string]bool) bool {
	state := held
	for _, e := range left {
		state += fmt.Sprint(" ", e.Index)
	}
	if done, ok := tried[state]; ok {
		return done
	}
	tried[state] = !slices.ContainsFunc(left, n.Acked)
	for i, e := range left {
		rest := slices.Delete(slices.Clone(left), i, i+1)
		waits := slices.ContainsFunc(rest, func(o history.Event) bool { return n.Acked(o) && n.ended(o).Index < e.Index })
		next, fits := held, true
		switch e.F {
		case "read":
			fits = !n.Acked(e) || valueOf(*n.ended(e), "value") == held
		case "write":
			next = valueOf(e, "value")
		case "cas":
			next, fits = valueOf(e, "to"), valueOf(e, "from") == held
		}
		if !waits && fits && n.orders(rest, next, tried) {
			tried[state] = true
			break
		}
	}
	return tried[state]
}

// answers is a history of a few clients of one or two registers, each operation
// with a true answer or, now and then, a false one. Some are carried by messages
// that two members deliver; values are written once each, or again and again.
func answers(d dice) []history.Event {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	fresh, processes := 0, 0
	again := d.intn(2) == 0
	value := func() int {
		if fresh++; again {
			return 1 + d.intn(3)
		}
		return fresh
	}
	held := map[string]string{"k": "null", "l": "null"}
	type client struct {
		name, f, key, from, to, answer string
		took                           bool
	}
	open := make([]client, 1+d.intn(3))
	for range 4 + d.intn(24) {
		c := &open[d.intn(len(open))]
		switch {
		case c.name == "":
			processes++
			*c = client{name: fmt.Sprint("c", processes), f: []string{"read", "write", "cas"}[d.intn(3)], key: []string{"k", "k", "l"}[d.intn(3)]}
			text := fmt.Sprintf("%s asks %s %s", c.name, c.f, c.key)
			if c.f != "read" {
				c.to = fmt.Sprint(value())
			}
			if c.f == "cas" {
				if c.from = held[c.key]; d.intn(4) == 0 {
					c.from = fmt.Sprint(1 + d.intn(3))
				}
				text += " " + c.from
			}
			if text += " " + c.to; d.intn(2) == 0 {
				text = strings.TrimSpace(text) + fmt.Sprint(" as m", processes)
			}
			say("%s", text)
		case !c.took:
			c.took, c.answer = true, "ok "+c.f
			switch {
			case c.f == "read":
				c.answer += " " + held[c.key]
			case c.f == "cas" && c.from != held[c.key]:
				c.answer = "fail cas"
			default:
				held[c.key] = c.to
			}
			if strings.Contains(strings.Join(lines, "\n"), "as m"+c.name[1:]) && d.intn(10) > 0 {
				say("n1.1 delivers m%s", c.name[1:])
				say("n2.1 delivers m%s", c.name[1:])
			}
		default:
			switch d.intn(12) {
			case 0:
				say("%s info %s", c.name, c.f)
			case 1:
				say("%s fail %s", c.name, c.f) // a lie, unless it read
			case 2:
				if c.f == "read" {
					c.answer = fmt.Sprint("ok read ", 1+d.intn(3))
				}
				fallthrough
			default:
				say("%s %s", c.name, c.answer)
			}
			c.name = ""
			c.took = false
		}
	}
	return mustScript(lines)
}

// TestTwinsOfAnswers is TestTwins for histories of reads, writes and cas alone.
func TestTwinsOfAnswers(t *testing.T) {
	tally := map[report.Verdict]int{}
	rapid.Check(t, func(rt *rapid.T) {
		events := answers(rapidDice{rt})
		got := check(t, events, checker.Options{Promises: allNames()}).Properties["linearizability"]
		want := (&naive{events: events}).verdict("linearizability")
		if tally[want]++; got.Verdict != want {
			rt.Fatalf("the checker says %s, its twin %s\n%s\n%s", got.Verdict, want, outcome(got), show(t, events))
		}
	})
	t.Log(tally)
}
