package checker_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"groupy/checker/history"
)

// applier makes one thing wrong, or only unusual, in a run. It gives nil where it finds
// no place.
type applier = func(events []history.Event, d dice) []history.Event

// defect is one of the things that can be wrong.
type defect struct {
	name  string
	apply applier
}

// referenceDefects is the visible list of what can be wrong with a run.
var referenceDefects = []defect{
	// who multicast what
	{"a multicast is not written down", missingAsk},
	{"a multicast fails", endAs(history.Fail)},
	{"a multicast is acknowledged", endAs(history.OK)},
	{"a multicast ends unknown", endAs(history.Info)},
	{"a multicast never ends", takeOut(isEnd)},
	{"a message is asked for again", askAgain},
	{"a message is asked for later", later(isAsk)},
	{"a call ends later", later(isEnd)},
	{"nobody delivers what is asked for", askInVain},
	{"calls name their members", nameMembers},

	// deliveries
	{"a delivery twice", duplicate},
	{"a delivery is missing", takeOut(is(history.Deliver))},
	{"one delivers nothing in a view", silentInView},
	{"one alone delivers", aloneDelivers},
	{"two deliveries exchanged", swap},
	{"two messages exchanged everywhere", exchangeMessages},
	{"three deliver around a circle", circle},
	{"a delivery later", later(is(history.Deliver))},
	{"a delivery behind the next view", moveAcross},
	{"a delivery in another view", edit(is(history.Deliver), func(e *history.Event, d dice) { e.View = fmt.Sprint(1 + d.intn(4)) })},
	{"a message in another view everywhere", anotherView},
	{"another sender", edit(is(history.Deliver), func(e *history.Event, d dice) { e.Sender = fmt.Sprintf("n%d.1", 1+d.intn(3)) })},
	{"another state", edit(hasState, func(e *history.Event, d dice) { e.State = fmt.Sprint("s1-", 1+d.intn(9)) })},
	{"sent in another view", edit(is(history.Send), func(e *history.Event, d dice) { e.View = fmt.Sprint(1 + d.intn(4)) })},
	{"sent later", later(is(history.Send))},

	// views
	{"a view is missing", takeOut(is(history.View))},
	{"a view again", repeatView},
	{"a view later", later(is(history.View))},
	{"two views exchanged", exchangeViews},
	{"a view without its member", edit(is(history.View), func(e *history.Event, _ dice) {
		e.Members = slices.DeleteFunc(slices.Clone(e.Members), func(m string) bool { return m == e.Member })
	})},
	{"a list turned around", edit(is(history.View), func(e *history.Event, _ dice) {
		e.Members = slices.Clone(e.Members)
		slices.Reverse(e.Members)
	})},
	{"a list with a stranger", edit(is(history.View), func(e *history.Event, _ dice) { e.Members = append(slices.Clone(e.Members), "n9.1") })},
	{"a view with another name", edit(is(history.View), func(e *history.Event, d dice) { e.View = fmt.Sprint(1 + d.intn(5)) })},
	{"not primary for one", edit(is(history.View), func(e *history.Event, _ dice) { e.Primary = new(bool) })},
	{"not primary for all", notPrimary},
	{"the group splits", split},
	{"the group splits behind a view that is not primary", splitBehind},
	{"another group", anotherGroup},

	// who lives
	{"a stop is missing", takeOut(is(history.Stop))},
	{"a stop more", more(history.Stop)},
	{"a stop later", later(is(history.Stop))},
	{"an end by itself", edit(is(history.Stop), endOtherwise)},
	{"an end by itself more", endMore},
	{"an evict is missing", takeOut(is(history.Evict))},
	{"an evict more", more(history.Evict)},
	{"an evict later", later(is(history.Evict))},
	{"an evicted member delivers", afterExclusion},
	{"a start is missing", takeOut(is(history.Start))},
	{"a start more", more(history.Start)},
	{"one asks to join in vain", joinInVain},

	// anything
	{"an event is missing", takeOut(anyEvent)},
	{"an event later", later(anyEvent)},
	{"a line was not read", more(history.Lost)},

	// how the run ended
	{"no heal", takeOut(isPhase(history.PhaseHeal))},
	{"no final", takeOut(isPhase(history.PhaseFinal))},
	{"no end", takeOut(isPhase(history.PhaseEnd))},
	{"no faults", func(events []history.Event, _ dice) []history.Event { return omit(events, history.Fault) }},
	{"final later", later(isPhase(history.PhaseFinal))},
	{"the end later", later(isPhase(history.PhaseEnd))},
}

// returnDefects is the list for members that come back.
var returnDefects = []defect{
	{"taken up elsewhere", edit(takesUp, func(e *history.Event, d dice) { e.After = new([]string{"", "m1", "m2", "m3"}[d.intn(4)]) })},
	{"not said where it is taken up", edit(takesUp, func(e *history.Event, _ dice) { e.After = nil })},
	{"nothing is done again", forget(func(dice, int) int { return 0 })},
	{"not all is done again", forget(func(d dice, n int) int { return d.intn(n) })},
	{"a start more", more(history.Start)},
	{"done again in another way", doneOtherwise},
}

func is(t history.Type) func(history.Event) bool {
	return func(e history.Event) bool { return e.Type == t }
}

func isPhase(phase string) func(history.Event) bool {
	return func(e history.Event) bool { return e.Type == history.Phase && e.Phase == phase }
}

func isAsk(e history.Event) bool { return e.Type == history.Invoke && e.F == "multicast" }

func isEnd(e history.Event) bool {
	return e.F != "" && e.Type != history.Invoke
}

func takesUp(e history.Event) bool { return e.Type == history.View && e.After != nil }

func anyEvent(history.Event) bool { return true }

func hasState(e history.Event) bool { return e.State != "" }

// anyOf gives the place of an event that fits, -1 if there is none.
func anyOf(events []history.Event, d dice, fits func(history.Event) bool) int {
	return choose(events, d, func(i int) bool { return fits(events[i]) })
}

func takeOut(fits func(history.Event) bool) applier {
	return func(events []history.Event, d dice) []history.Event {
		i := anyOf(events, d, fits)
		if i < 0 {
			return nil
		}
		return slices.Delete(slices.Clone(events), i, i+1)
	}
}

func edit(fits func(history.Event) bool, change func(e *history.Event, d dice)) applier {
	return func(events []history.Event, d dice) []history.Event {
		i := anyOf(events, d, fits)
		if i < 0 {
			return nil
		}
		out := slices.Clone(events)
		change(&out[i], d)
		return out
	}
}

// later moves an event, mostly by little. A call stays before its end.
func later(fits func(history.Event) bool) applier {
	return func(events []history.Event, d dice) []history.Event {
		i := anyOf(events, d, fits)
		if i < 0 {
			return nil
		}
		limit := len(events)
		if events[i].Type == history.Invoke {
			if j := process(events, i+1, events[i].Process); j >= 0 {
				limit = j
			}
		}
		by := []int{2, 5, 10, len(events)}[d.intn(4)]
		out := slices.Delete(slices.Clone(events), i, i+1)
		return slices.Insert(out, min(i+1+d.intn(by), limit-1), events[i])
	}
}

// process finds the next event of a client, -1 if there is none.
func process(events []history.Event, from int, name string) int {
	for j := from; j < len(events); j++ {
		if events[j].Process == name {
			return j
		}
	}
	return -1
}

func message(e history.Event) (m string) {
	_ = json.Unmarshal(e.Value, &m)
	return m
}

// endOtherwise has a process end in some way that it was not asked for, or nearly so.
func endOtherwise(e *history.Event, d dice) {
	e.How, e.Code, e.Reason, e.Asked, e.Fault = "", nil, "", "", ""
	switch d.intn(5) {
	case 0:
		e.How, e.Reason, e.Asked = history.StopSignal, "segfault", []string{"", history.StopKill, history.StopShutdown, history.StopLeave}[d.intn(4)]
	case 1:
		e.How, e.Fault = history.StopDamaged, []string{"", "rot"}[d.intn(2)]
	default:
		e.How, e.Code = history.StopExit, new(3*d.intn(2))
		e.Asked = []string{"", "", history.StopKill, history.StopShutdown, history.StopLeave}[d.intn(5)]
	}
}

// endMore has somebody end by itself, anywhere.
func endMore(events []history.Event, d dice) []history.Event {
	before := len(events)
	out := more(history.Stop)(events, d)
	for i := range out {
		if i == before || out[i].Type == history.Stop && out[i].How == "" {
			endOtherwise(&out[i], d)
			return out
		}
	}
	return out
}

func missingAsk(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, isAsk)
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool { return e.Process == events[i].Process })
}

func endAs(t history.Type) applier {
	return edit(func(e history.Event) bool { return isEnd(e) && e.F == "multicast" }, func(e *history.Event, _ dice) { e.Type = t })
}

// askAgain has another client ask for a message, of any member's node.
func askAgain(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, isAsk)
	if i < 0 {
		return nil
	}
	e := events[i]
	e.Process += "-again"
	e.Node, e.Member = fmt.Sprintf("n%d", 1+d.intn(3)), ""
	at := i + 1 + d.intn(len(events)-i)
	out := slices.Insert(slices.Clone(events), at, e)
	if t := []history.Type{history.OK, history.Fail, history.Info, ""}[d.intn(4)]; t != "" {
		e.Type = t
		out = slices.Insert(out, at+1+d.intn(min(8, len(out)-at)), e)
	}
	return out
}

func askInVain(events []history.Event, d dice) []history.Event {
	e := history.Event{Type: history.Invoke, Process: "vain", Node: fmt.Sprintf("n%d", 1+d.intn(4)), F: "multicast", Value: json.RawMessage(`"vain"`)}
	at := d.intn(len(events) + 1)
	out := slices.Insert(slices.Clone(events), at, e)
	if t := []history.Type{history.OK, history.OK, history.Fail, history.Info, ""}[d.intn(5)]; t != "" {
		e.Type = t
		out = slices.Insert(out, at+1+d.intn(min(8, len(out)-at)), e)
	}
	return out
}

// nameMembers has calls say which member of the node they were made to, right or wrong.
func nameMembers(events []history.Event, d dice) []history.Event {
	return each(events, history.Invoke, func(e *history.Event) {
		e.Member = fmt.Sprintf("%s.%d", e.Node, []int{1, 1, 1, 2}[d.intn(4)])
	})
}

func silentInView(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.Deliver))
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool {
		return e.Type == history.Deliver && e.Member == events[i].Member && e.View == events[i].View
	})
}

// aloneDelivers leaves a message to one of its members.
func aloneDelivers(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.Deliver))
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool {
		return e.Type == history.Deliver && e.Msg == events[i].Msg && e.Member != events[i].Member
	})
}

func exchangeMessages(events []history.Event, d dice) []history.Event {
	i, j := anyOf(events, d, is(history.Deliver)), anyOf(events, d, is(history.Deliver))
	if i < 0 || events[i].Msg == events[j].Msg {
		return nil
	}
	a, b := events[i].Msg, events[j].Msg
	return each(events, history.Deliver, func(e *history.Event) {
		switch e.Msg {
		case a:
			e.Msg = b
		case b:
			e.Msg = a
		}
	})
}

// circle has three members deliver two of three new messages each, so that no two of
// them disagree, and all three do.
func circle(events []history.Event, d dice) []history.Event {
	var members []string
	for _, e := range events {
		if e.Type == history.View && !slices.Contains(members, e.Member) {
			members = append(members, e.Member)
		}
	}
	if len(members) < 3 {
		return nil
	}
	out := slices.Clone(events)
	for i, pair := range [][2]string{{"x1", "x2"}, {"x2", "x3"}, {"x3", "x1"}} {
		for _, msg := range pair {
			out = append(out, history.Event{Type: history.Deliver, Member: members[i], Msg: msg})
		}
	}
	return out
}

func anotherView(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.Deliver))
	if i < 0 {
		return nil
	}
	view := fmt.Sprint(1 + d.intn(4))
	return each(events, history.Deliver, func(e *history.Event) {
		if e.Msg == events[i].Msg {
			e.View = view
		}
	})
}

func repeatView(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.View))
	if i < 0 {
		return nil
	}
	return slices.Insert(slices.Clone(events), i+1+d.intn(len(events)-i), events[i])
}

func exchangeViews(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.View))
	if i < 0 {
		return nil
	}
	j := next(events, i, history.View)
	if j < 0 {
		return nil
	}
	out := slices.Clone(events)
	out[i].View, out[i].Members, out[j].View, out[j].Members = out[j].View, out[j].Members, out[i].View, out[i].Members
	return out
}

func notPrimary(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.View))
	if i < 0 {
		return nil
	}
	return each(events, history.View, func(e *history.Event) {
		if e.View == events[i].View {
			e.Primary = new(bool)
		}
	})
}

// splitBehind lets a member go on by way of a view of its own that is not primary to
// another that is.
func splitBehind(events []history.Event, d dice) []history.Event {
	i := anyOf(events, d, is(history.View))
	if i < 0 {
		return nil
	}
	e := events[i]
	aside, apart := e, e
	aside.View, aside.Primary, aside.After = e.View+"-", new(bool), nil
	apart.View, apart.After = e.View+"x", nil
	if d.intn(2) == 0 {
		apart = e // it comes back to the others
	}
	if d.intn(2) == 0 {
		aside.Members = []string{e.Member}
	}
	return slices.Insert(slices.Clone(events), i+1, aside, apart)
}

// anotherGroup has somebody, new or not, install a view that shares nobody, or itself
// only, with the others.
func anotherGroup(events []history.Event, d dice) []history.Event {
	e := history.Event{Type: history.View, Member: "n9.1", View: "9", Members: []string{"n9.1"}}
	if i := anyOf(events, d, is(history.View)); i >= 0 && d.intn(2) == 0 {
		e.Member = events[i].Member
		e.Members = append(e.Members, e.Member)
	}
	return slices.Insert(slices.Clone(events), d.intn(len(events)+1), e)
}

// more adds an event of somebody that says no more than that, anywhere.
func more(t history.Type) applier {
	return func(events []history.Event, d dice) []history.Event {
		i := anyOf(events, d, is(history.View))
		if i < 0 {
			return nil
		}
		e := history.Event{Type: t, Member: events[i].Member}
		return slices.Insert(slices.Clone(events), i+1+d.intn(len(events)-i), e)
	}
}

func joinInVain(events []history.Event, d dice) []history.Event {
	at := d.intn(len(events) + 1)
	return slices.Insert(slices.Clone(events), at,
		history.Event{Type: history.Start, Node: "n8", Member: "n8.1"},
		history.Event{Type: history.Invoke, Process: "join-n8", Node: "n8", F: "join", Value: json.RawMessage("null")})
}

// forget has a member that takes up do only so many again of the lines that follow,
// before it starts again or the history ends.
func forget(keep func(d dice, n int) int) applier {
	return func(events []history.Event, d dice) []history.Event {
		i := anyOf(events, d, takesUp)
		if i < 0 {
			return nil
		}
		until := next(events, i, history.Start)
		if until < 0 {
			until = len(events)
		}
		var lines []int
		for j := i + 1; j < until; j++ {
			if e := events[j]; e.Member == events[i].Member && (e.Type == history.View || e.Type == history.Deliver) {
				lines = append(lines, j)
			}
		}
		if len(lines) == 0 {
			return nil
		}
		from := keep(d, len(lines))
		gone := map[int]bool{}
		for _, j := range lines[from:] {
			gone[j] = true
		}
		var out []history.Event
		for j, e := range events {
			if !gone[j] {
				out = append(out, e)
			}
		}
		return out
	}
}

// doneOtherwise changes a line of a member that stands in the history a second time.
func doneOtherwise(events []history.Event, d dice) []history.Event {
	i := choose(events, d, func(i int) bool {
		e := events[i]
		return e.Type == history.Deliver && slices.ContainsFunc(events[:i], func(o history.Event) bool {
			return o.Type == history.Deliver && o.Member == e.Member && o.Msg == e.Msg
		})
	})
	if i < 0 {
		return nil
	}
	out := slices.Clone(events)
	switch e := &out[i]; d.intn(4) {
	case 0:
		e.View = fmt.Sprint(1 + d.intn(4))
	case 1:
		e.Sender = "n9.1"
	case 2:
		e.State = "odd"
	default:
		e.Msg = "m1"
	}
	return out
}
