package checker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
)

// recovery, word for word: what a member did before it was started again is a row
// of installs and deliveries; the start names a place in it, and what stands behind
// that place comes again before anything new.
func (n *naive) recovery() bool {
	return every(n.members(), func(p string) bool { return n.recovers(p) })
}

func (n *naive) recovers(p string) bool {
	var row, due []history.Event
	taking := false
	same := func(a, b history.Event) bool {
		return a.Type == b.Type && a.View == b.View && a.Msg == b.Msg && slices.Equal(a.Members, b.Members) &&
			(a.State == "" || b.State == "" || a.State == b.State)
	}
	for _, e := range n.events {
		if e.Member != p {
			continue
		}
		switch e.Type {
		case history.Stop, history.Evict:
			due, taking = nil, false
		case history.View, history.Deliver:
			switch {
			case e.Type == history.View && e.After != nil && len(row) > 0:
				place := placeOf(row, e)
				if place < 0 {
					return false
				}
				due, taking = row[place:], true
			case taking && len(due) > 0:
				if !same(due[0], e) {
					return false
				}
				due = due[1:]
			default:
				row = append(row, e)
			}
			taking = taking && len(due) > 0
		}
	}
	return !taking || n.unjudgeable() || !n.live(p)
}

// placeOf is the place behind the last delivery of the message that the start names,
// and behind the install of the view that it names, which is the present one there;
// -1 if there is no such place.
func placeOf(row []history.Event, start history.Event) int {
	for place := len(row); place >= 0; place-- {
		message, view := "", ""
		for _, e := range row[:place] {
			if e.Type == history.Deliver {
				message = e.Msg
			} else {
				view = e.View
			}
		}
		if message == *start.After && view == start.View {
			return place
		}
	}
	return -1
}

// restarts is a history of one member that is started again a few times, mostly in
// good order. Every message and view comes once.
func restarts(d dice) []history.Event {
	var lines, row []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	act := func(line string) { row = append(row, line); say("%s", line) }
	lists := []string{"{n1.1}", "{n1.1 n2.1}"}
	view, msg := 0, 0
	something := func() {
		if view == 0 || d.intn(4) == 0 {
			view++
			act(fmt.Sprintf("n1.1 installs %d %s", view, lists[d.intn(2)]))
			return
		}
		msg++
		act(fmt.Sprintf("n1.1 delivers m%d in %d%s", msg, view, []string{"", fmt.Sprintf(" as s%d", msg)}[d.intn(2)]))
	}
	say("n1.1 starts")
	for range d.intn(6) {
		something()
	}
	for range 1 + d.intn(2) {
		say("n1.1 stops")
		say("n1.1 starts")
		if len(row) > 0 {
			place := d.intn(len(row) + 1)
			message, installed := "-", fmt.Sprint(1+d.intn(3))
			list := lists[d.intn(2)]
			for _, line := range row[:place] {
				if w := strings.Fields(line); w[1] == "delivers" {
					message = w[2]
				} else {
					installed, list = w[2], strings.Join(w[3:], " ")
				}
			}
			if d.intn(6) == 0 {
				message = fmt.Sprint("m", 1+d.intn(4))
			}
			say("n1.1 installs %s %s after %s", installed, list, message)
			again := row[place:]
			if d.intn(4) == 0 {
				again = again[:d.intn(len(again)+1)]
			}
			for _, line := range again {
				if d.intn(12) == 0 {
					line = row[d.intn(len(row))]
				}
				say("%s", line)
			}
		}
		for range d.intn(3) {
			something()
		}
		if d.intn(8) == 0 {
			say("n1.1 is evicted")
		}
	}
	if d.intn(2) == 0 {
		say("phase final")
	}
	return mustScript(lines)
}

func TestRecoveryTwin(t *testing.T) {
	tally := map[checker.Verdict]int{}
	rapid.Check(t, func(rt *rapid.T) {
		events := restarts(rapidDice{rt})
		n := &naive{events: events}
		got, want := check(t, events, checker.Options{}).Properties["recovery"], n.verdict("recovery")
		tally[want]++
		if got.Verdict != want {
			rt.Fatalf("the checker says %s, its twin %s\n%s\n%s", got.Verdict, want, outcome(got), show(t, events))
		}
	})
	t.Log(tally)
	if least := (tally[checker.Valid] + tally[checker.Invalid]) / 10; tally[checker.Valid] < least || tally[checker.Invalid] < least {
		t.Errorf("%v: the comparison proves little", tally)
	}
}
