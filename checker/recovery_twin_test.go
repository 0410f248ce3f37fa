package checker_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

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
	tally := map[report.Verdict]int{}
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
	if least := (tally[report.Valid] + tally[report.Invalid]) / 10; tally[report.Valid] < least || tally[report.Invalid] < least {
		t.Errorf("%v: the comparison proves little", tally)
	}
}
