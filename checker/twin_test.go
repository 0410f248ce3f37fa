package checker_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// TestMain sets a modest number of random histories; GROUPY_LONG=1 makes it the
// long run of 50,000, and -rapid.checks is obeyed as always.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		checks := "600"
		if os.Getenv("GROUPY_LONG") != "" {
			checks = "50000"
		}
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// rapidDice draws choices from rapid, so that a failing history shrinks.
type rapidDice struct{ t *rapid.T }

func (d rapidDice) intn(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "d") }

// soup is a random small history: any event after any other, of few members, views
// and messages. Nearly everything is wrong with it.
func soup(d dice) []history.Event {
	members := []string{"n1.1", "n2.1", "n3.1", "n1.2"}
	lists := []string{"{n1.1}", "{n1.1 n2.1}", "{n1.1 n2.1 n3.1}", "{n2.1 n3.1 n1.2}", "{n2.1 n1.1}", "{n3.1}"}
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	started := d.intn(2) == 0
	if started {
		for _, m := range members {
			say("%s starts", m)
		}
	}
	used, open := map[string]bool{}, []string{}
	sender := func() string { return []string{"", "", " of n1.1", " of " + members[d.intn(len(members))]}[d.intn(4)] }
	after := func(msg string) string { return []string{"", "", "", " after " + msg, " after -"}[d.intn(5)] }
	phases := []string{"phase main", "fault kill", "phase heal", "phase final", "phase end"}
	for range 4 + d.intn(18) {
		m := members[d.intn(len(members))]
		msg := fmt.Sprint("m", 1+d.intn(4))
		view := fmt.Sprint(1 + d.intn(3))
		switch k := d.intn(24); {
		case k < 8:
			say("%s delivers %s%s", m, msg+[]string{"", " in " + view, " in " + view + " as s" + view}[d.intn(3)], sender())
		case k < 13:
			say("%s installs %s %s%s%s", m, view, lists[d.intn(len(lists))], []string{"", "", " non-primary"}[d.intn(3)], after(msg))
		case k < 16 && !used[msg]:
			used[msg] = true
			open = append(open, msg)
			say("ask %s %s", []string{m, "n1"}[d.intn(2)], msg)
		case k < 18 && len(open) > 0:
			say("%s %s", []string{"ack", "ack", "fail", "lose"}[d.intn(4)], open[0])
			open = open[1:]
		case k == 18:
			say("%s sends %s in %s", m, msg, view)
		case k == 19:
			say("%s is evicted", m)
		case k == 20:
			if started && d.intn(2) == 0 {
				say("%s starts", m)
			} else {
				say("%s stops", m)
			}
		case k == 21 && !used["join-"+m]:
			used["join-"+m] = true
			say("ask %s join", m)
			say("%s %s join", []string{"ack", "lose"}[d.intn(2)], m)
		case len(phases) > 0:
			say("%s", phases[0])
			phases = phases[1:]
		}
	}
	for _, msg := range open {
		if d.intn(2) == 0 {
			say("lose %s", msg)
		}
	}
	if d.intn(20) == 0 {
		say("%s loses a line", members[d.intn(len(members))])
	}
	return mustScript(lines)
}

// blur changes observations at random: takes some out, exchanges views, silences a
// member. What the format demands it leaves alone.
func blur(events []history.Event, d dice) []history.Event {
	out := slices.Clone(events)
	observed := func(i int) bool {
		return slices.Contains([]history.Type{history.View, history.Deliver, history.Evict, history.Stop}, out[i].Type)
	}
	i := choose(out, d, observed)
	if i < 0 {
		return nil
	}
	e := out[i]
	switch d.intn(6) {
	case 0:
		return slices.Delete(out, i, i+1)
	case 1:
		return slices.DeleteFunc(out, func(o history.Event) bool {
			return o.Member == e.Member && (o.Type == history.View || o.Type == history.Deliver)
		})
	case 2:
		j := next(out, i, history.View)
		if e.Type != history.View || j < 0 {
			return nil
		}
		out[i].View, out[i].Members, out[j].View, out[j].Members = out[j].View, out[j].Members, out[i].View, out[i].Members
		return out
	case 3:
		if e.Type != history.Deliver {
			return nil
		}
		out[i].View = "2"
		return out
	case 4:
		at := i + 1 + d.intn(len(out)-i)
		return slices.Insert(out, at, e)
	}
	return slices.DeleteFunc(out, func(o history.Event) bool { return o.Type == history.Stop && o.Member == e.Member })
}

// anyHistory draws a history of one of six kinds: wrong all over, right, of reads,
// writes and cas, of members that come back as what they were, wrong in the ways that
// mutators aim at, wrong somewhere.
func anyHistory(d dice) []history.Event {
	change := mutators
	switch d.intn(6) {
	case 5:
		return durable(simulate(d, 10+d.intn(50)), d, d.intn(3) > 0)
	case 4:
		return answers(d)
	case 0:
		return soup(d)
	case 1:
		return simulate(d, 10+d.intn(60))
	case 2:
		change = []mutator{{apply: blur}}
	}
	events := simulate(d, 20+d.intn(60))
	for range 1 + d.intn(2) {
		for range 5 {
			m := change[d.intn(len(change))]
			if changed := m.apply(events, d); changed != nil {
				events = changed
				break
			}
		}
	}
	return events
}

// TestTwins compares every property's check with its naive twin over random
// histories, and asks that each verdict came up often enough to mean something.
func TestTwins(t *testing.T) {
	tally := map[string]map[report.Verdict]int{}
	total := 0
	rapid.Check(t, func(rt *rapid.T) {
		events := anyHistory(rapidDice{rt})
		rep := check(t, events, checker.Options{Promises: allNames()})
		n := &naive{events: events}
		total++
		for _, p := range checker.Properties {
			got, want := rep.Properties[p.Name], n.verdict(p.Name)
			if tally[p.Name] == nil {
				tally[p.Name] = map[report.Verdict]int{}
			}
			tally[p.Name][want]++
			if got.Verdict != want {
				rt.Fatalf("%s: the checker says %s, its twin %s\n%s\n%s", p.Name, got.Verdict, want, outcome(got), show(t, events))
			}
			if problem := malformedResult(got, len(events)); problem != "" {
				rt.Fatalf("%s: %s", p.Name, problem)
			}
		}
	})
	for _, p := range checker.Properties {
		t.Logf("%-22s valid %5d  invalid %5d  unknown %5d", p.Name, tally[p.Name][report.Valid], tally[p.Name][report.Invalid], tally[p.Name][report.Unknown])
		for _, v := range []report.Verdict{report.Valid, report.Invalid} {
			if least := total / 200; !t.Failed() && tally[p.Name][v] < least {
				t.Errorf("%s was %s in %d of %d histories only; the comparison proves little", p.Name, v, tally[p.Name][v], total)
			}
		}
	}
}

// malformedResult asks what every result owes: an invalid one has a sentence and a
// witness of events that exist, an unknown one a reason.
func malformedResult(r report.Result, events int) string {
	if (r.Verdict == report.Unknown) != (r.Reason != nil) {
		return fmt.Sprintf("%s with reason %v", r.Verdict, r.Reason)
	}
	if (r.Verdict == report.Invalid) != (r.Count > 0 && r.Explanation != "" && len(r.Witness) > 0) {
		return fmt.Sprintf("%s with count %d, %q, %v", r.Verdict, r.Count, r.Explanation, r.Witness)
	}
	for i, w := range r.Witness {
		if w.Index < 0 || int(w.Index) >= events || w.Text == "" || w.Line != int(w.Index)+2 {
			return fmt.Sprintf("witness %d is %+v in a history of %d events", i, w, events)
		}
	}
	return ""
}

func allNames() []string {
	var list []string
	for _, p := range checker.Properties {
		list = append(list, p.Name)
	}
	return list
}

func show(t testing.TB, events []history.Event) string {
	return string(encode(t, history.Header{}, events))
}
