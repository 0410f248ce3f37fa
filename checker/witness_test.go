package checker_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
	"groupy/checker/trace"
)

// TestWitnessesAreMinimal takes the witness of each safety violation for a history
// of its own: its events alone must break the property, and without any one of them
// they must not. The naive twin is the judge.
func TestWitnessesAreMinimal(t *testing.T) {
	tried := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		events := anyHistory(rapidDice{rt})
		rep := check(t, events, checker.Options{Promises: allNames()})
		for _, p := range checker.Properties {
			r := rep.Properties[p.Name]
			if p.Name == "recovery" || strings.Contains(r.Explanation, "goes back") {
				continue // it rests on all that the member did before, or on the whole chain
			}
			if p.Kind != trace.Safety || r.Verdict != report.Invalid {
				continue
			}
			few := alone(&naive{events: events}, r.Witness)
			if slices.ContainsFunc(few, func(e history.Event) bool { return e.Type == history.Phase }) {
				continue // it rests on the whole run's having come to an end
			}
			tried[p.Name]++
			if v := (&naive{events: numbered(few)}).verdict(p.Name); v != report.Invalid {
				rt.Fatalf("%s: the witness alone is %s\n%s\n%s", p.Name, v, outcome(r), show(t, events))
			}
			for i := range few {
				if p.Name == "integrity" || p.Name == "linearizability" {
					break // a delivery without its multicast is wrong, too, and so is a read without its write
				}
				fewer := without(few, i)
				if apart := check(t, numbered(fewer), checker.Options{}).Properties[p.Name].Explanation; len(few) > 2 && (strings.Contains(apart, "second group") || strings.Contains(apart, "circle")) {
					continue // without what lay between them, two views of one group look like two groups
				}
				if v := (&naive{events: numbered(fewer)}).verdict(p.Name); v == report.Invalid {
					rt.Fatalf("%s: the witness does not need its event %d\n%s\n%s", p.Name, i, outcome(r), show(t, events))
				}
			}
		}
	})
	t.Log(tried)
}

// alone gives the witness's events in their order, with what the rest of the
// history says about them written into them: the sender of an invocation, the view
// of a delivery.
func alone(n *naive, witness []report.Witness) []history.Event {
	var few []history.Event
	for _, w := range witness {
		e := n.events[w.Index]
		switch e.Type {
		case history.Invoke:
			e.Member = n.sender(e)
		case history.Deliver:
			e.View = n.in(e)
		}
		few = append(few, e)
	}
	slices.SortFunc(few, func(a, b history.Event) int { return cmp.Compare(a.Index, b.Index) })
	return few
}

// without takes out one event, and with an invocation its completion.
func without(few []history.Event, i int) []history.Event {
	fewer := slices.Delete(slices.Clone(few), i, i+1)
	if few[i].Type != history.Invoke {
		return fewer
	}
	return only(fewer, func(e history.Event) bool { return e.Process != few[i].Process })
}
