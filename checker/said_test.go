package checker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// saidInVain is what no property judges, and why.
var saidInVain = map[string]string{
	"evict reason": "it is for people",
}

// TestNothingIsSaidInVain changes one thing that a right history says at a time, in
// every event that says it: some property must be broken by it at least once. What
// no property looks at, no mutant of a property shows, and a twin that overlooks it,
// too, agrees.
func TestNothingIsSaidInVain(t *testing.T) {
	changes := map[string]func(e *history.Event) bool{
		"deliver msg":    on(history.Deliver, func(e *history.Event) { e.Msg = "another" }),
		"deliver view":   on(history.Deliver, func(e *history.Event) { e.View += "x" }),
		"deliver sender": on(history.Deliver, func(e *history.Event) { e.Sender = "n9.1" }),
		"deliver state":  on(history.Deliver, func(e *history.Event) { e.State += "x" }),
		"view name":      on(history.View, func(e *history.Event) { e.View += "x" }),
		"view members":   on(history.View, func(e *history.Event) { e.Members = e.Members[:len(e.Members)-1] }),
		"view primary":   on(history.View, func(e *history.Event) { e.Primary = new(bool) }),
		"view after":     on(history.View, func(e *history.Event) { e.After = new("another") }),
		"send view":      on(history.Send, func(e *history.Event) { e.View += "x" }),
		"evict reason":   on(history.Evict, func(e *history.Event) { e.Reason += "x" }),
		"stop how":       on(history.Stop, func(e *history.Event) { e.How, e.Code = history.StopExit, new(3) }),
	}
	for _, again := range []bool{false, true} { // what is done once, and what is done again
		for _, what := range []history.Type{history.View, history.Deliver} {
			changes[fmt.Sprintf("%s left out, again %v", what, again)] = nil
		}
	}
	noticed, tried := map[string]int{}, map[string]int{}
	for seed := range uint64(12) {
		d := rolled(seed)
		right := durable(simulate(d, 60), d, false)
		rep := check(t, right, checker.Options{Promises: allNames()})
		if broken := broken(rep); len(broken) > 0 {
			t.Fatalf("seed %d: the history breaks %v\n%s", seed, broken, show(t, right))
		}
		n := &naive{events: right}
		try := func(what string, wrong []history.Event) {
			tried[what]++
			if len(broken(check(t, wrong, checker.Options{Promises: allNames()}))) > 0 {
				noticed[what]++
			}
		}
		for i, e := range right {
			for what, change := range changes {
				changed := e
				if change == nil || !change(&changed) {
					continue
				}
				wrong := slices.Clone(right)
				wrong[i] = changed
				try(what, wrong)
			}
			if done(e) && e.After == nil {
				again := n.lives()[e.Member].again[e.Index]
				try(fmt.Sprintf("%s left out, again %v", e.Type, again), slices.Delete(slices.Clone(right), i, i+1))
			}
		}
	}
	for what := range changes {
		_, vain := saidInVain[what]
		if noticed[what] == 0 != vain {
			t.Errorf("%s was changed %d times and noticed %d times", what, tried[what], noticed[what])
		}
		if tried[what] == 0 {
			t.Errorf("no history has anything of %s", what)
		}
		if strings.Contains(what, "left out, again true") && noticed[what] < tried[what]*2/3 {
			t.Errorf("%s was noticed %d of %d times", what, noticed[what], tried[what])
		}
	}
	t.Log(noticed, tried)
}

// on makes a change of events of one type.
func on(kind history.Type, change func(*history.Event)) func(*history.Event) bool {
	return func(e *history.Event) bool {
		if e.Type == kind {
			change(e)
		}
		return e.Type == kind
	}
}

func broken(rep report.Report) []string {
	var list []string
	for name, r := range rep.Properties {
		if r.Verdict == report.Invalid {
			list = append(list, name)
		}
	}
	return list
}
