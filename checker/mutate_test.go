package checker_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// mutator makes one thing wrong in a history. breaks are the properties of which
// the result must break one at least; apply gives nil where it finds no place.
type mutator struct {
	name   string
	breaks []string
	apply  func(events []history.Event, d dice) []history.Event
}

var mutators = []mutator{
	{"swap", []string{"total-order"}, swap},
	{"drop", []string{"gap-freedom", "agreement"}, drop},
	{"duplicate", []string{"no-duplication"}, duplicate},
	{"move across a view", []string{"view-installed"}, moveAcross},
	{"deliver after exclusion", []string{"exclusion"}, afterExclusion},
	{"split", []string{"primary-chain"}, split},
	{"end by itself", []string{"no-unasked-end"}, edit(is(history.Stop), func(e *history.Event, _ dice) { e.How, e.Code = history.StopExit, new(3) })},
	{"name another sender", []string{"sender-integrity"}, misname},
}

// choose gives one of the indexes at which ok is true, -1 if there is none.
func choose(events []history.Event, d dice, ok func(i int) bool) int {
	var list []int
	for i := range events {
		if ok(i) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[d.intn(len(list))]
}

// next finds the next event of the same member with one of the types.
func next(events []history.Event, i int, types ...history.Type) int {
	for j := i + 1; j < len(events); j++ {
		if events[j].Member == events[i].Member && slices.Contains(types, events[j].Type) {
			return j
		}
	}
	return -1
}

// delivers reports whether somebody other than the member delivers the message.
func delivers(events []history.Event, e history.Event) bool {
	return slices.ContainsFunc(events, func(o history.Event) bool {
		return o.Type == history.Deliver && o.Msg == e.Msg && o.Member != e.Member
	})
}

// swap exchanges two messages that a member delivers one after the other and that
// another member delivers as well.
func swap(events []history.Event, d dice) []history.Event {
	second := func(i int) int { return next(events, i, history.Deliver) }
	i := choose(events, d, func(i int) bool {
		if events[i].Type != history.Deliver || second(i) < 0 || !delivers(events, events[i]) {
			return false
		}
		return slices.ContainsFunc(events, func(o history.Event) bool {
			j := second(i)
			return o.Type == history.Deliver && o.Member != events[i].Member && o.Msg == events[i].Msg &&
				slices.ContainsFunc(events, func(x history.Event) bool {
					return x.Type == history.Deliver && x.Member == o.Member && x.Msg == events[j].Msg
				})
		})
	})
	if i < 0 {
		return nil
	}
	j := second(i)
	out := slices.Clone(events)
	out[i].Msg, out[j].Msg = out[j].Msg, out[i].Msg
	out[i].Sender, out[j].Sender = out[j].Sender, out[i].Sender
	return out
}

// drop takes out a delivery between two others that another member makes, too.
func drop(events []history.Event, d dice) []history.Event {
	has := func(p, msg string) bool {
		return slices.ContainsFunc(events, func(o history.Event) bool {
			return o.Type == history.Deliver && o.Member == p && o.Msg == msg
		})
	}
	i := choose(events, d, func(i int) bool {
		e := events[i]
		if e.Type != history.Deliver || next(events, i, history.Deliver) < 0 {
			return false
		}
		after := events[next(events, i, history.Deliver)].Msg
		before := ""
		for _, o := range events[:i] {
			if o.Type == history.Deliver && o.Member == e.Member {
				before = o.Msg
			}
		}
		return slices.ContainsFunc(events, func(o history.Event) bool {
			return o.Member != e.Member && o.Msg == e.Msg && has(o.Member, before) && has(o.Member, after)
		})
	})
	if i < 0 {
		return nil
	}
	return slices.Delete(slices.Clone(events), i, i+1)
}

func duplicate(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool { return events[i].Type == history.Deliver })
	if i < 0 {
		return nil
	}
	at := i + 1 + d.intn(len(events)-i)
	return slices.Insert(slices.Clone(events), at, events[i])
}

// moveAcross moves a delivery behind the member's next install.
func moveAcross(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool {
		return events[i].Type == history.Deliver && next(events, i, history.View) >= 0
	})
	if i < 0 {
		return nil
	}
	j := next(events, i, history.View)
	out := slices.Delete(slices.Clone(events), i, i+1)
	return slices.Insert(out, j, events[i])
}

// afterExclusion lets an evicted member deliver something that it has not.
func afterExclusion(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool { return events[i].Type == history.Evict })
	if i < 0 {
		return nil
	}
	e := history.Event{Type: history.Deliver, Member: events[i].Member, Msg: "m1", View: "1"}
	return slices.Insert(slices.Clone(events), i+1+d.intn(len(events)-i), e)
}

// split lets a member go on from a view to one of its own while others go on to the
// agreed one.
func split(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool {
		e := events[i]
		if e.Type != history.View || !slices.ContainsFunc(events[:i], func(o history.Event) bool {
			return o.Type == history.View && o.Member == e.Member
		}) {
			return false
		}
		before := (&naive{events: numbered(events)}).currentView(e.Member, int64(i))
		return slices.ContainsFunc(events, func(o history.Event) bool {
			if o.Type != history.View || o.Member == e.Member || o.View != before {
				return false
			}
			j := next(events, slices.IndexFunc(events, func(x history.Event) bool {
				return x.Type == history.View && x.Member == o.Member && x.View == o.View
			}), history.View)
			return j >= 0 && events[j].View == e.View
		})
	})
	if i < 0 {
		return nil
	}
	out := slices.Clone(events)
	out[i].View, out[i].Members = out[i].View+"x", []string{out[i].Member}
	return out
}

// misname has a delivery name the next member as its sender.
func misname(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool { return events[i].Type == history.Deliver })
	if i < 0 {
		return nil
	}
	out := slices.Clone(events)
	out[i].Sender += "0"
	return out
}

func numbered(events []history.Event) []history.Event {
	out := slices.Clone(events)
	for i := range out {
		out[i].Index = int64(i)
	}
	return out
}

// seeded is a dice from a seed.
type seeded struct{ r *rand.Rand }

func (s seeded) intn(n int) int { return s.r.IntN(n) }

func rolled(seed uint64) dice { return seeded{rand.New(rand.NewPCG(seed, 1))} }

// TestMutations: the checker accepts 100 valid histories of a simulated group, and
// in each mutation of each it names exactly the properties that the naive twin
// finds broken, the one that the mutator aims at among them.
func TestMutations(t *testing.T) {
	caught := map[string]int{}
	for seed := range uint64(100) {
		d := rolled(seed)
		events := simulate(d, 150)
		for name, r := range check(t, events, checker.Options{Promises: allNames()}).Properties {
			if r.Verdict == report.Invalid {
				t.Fatalf("seed %d: the original breaks %s: %s\n%s", seed, name, outcome(r), show(t, events))
			}
		}
		for _, m := range mutators {
			mutant := m.apply(events, d)
			if mutant == nil {
				continue
			}
			rep := check(t, mutant, checker.Options{Promises: allNames()})
			var named []string
			n := &naive{events: mutant}
			for _, p := range checker.Properties {
				if rep.Properties[p.Name].Verdict == report.Invalid {
					named = append(named, p.Name)
				}
				if got, want := rep.Properties[p.Name].Verdict, n.verdict(p.Name); got != want {
					t.Errorf("seed %d, %s: %s is %s, its twin says %s", seed, m.name, p.Name, got, want)
				}
			}
			if rep.Verdict != report.Invalid || !slices.ContainsFunc(named, func(p string) bool { return slices.Contains(m.breaks, p) }) {
				t.Errorf("seed %d, %s: verdict %s, broken %v, want one of %v\n%s", seed, m.name, rep.Verdict, named, m.breaks, show(t, mutant))
			}
			caught[m.name]++
		}
	}
	text := ""
	for _, m := range mutators {
		text += fmt.Sprintf(" %s %d;", m.name, caught[m.name])
		if caught[m.name] < 30 {
			t.Errorf("%s was applied to %d of 100 histories only", m.name, caught[m.name])
		}
	}
	t.Logf("100 originals accepted; mutants caught:%s", text)
}
