package checker_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"groupy/checker/history"
)

// anyRun draws a history for the reference: a run of a group that keeps its promises,
// mostly with one to three defects, in the form that some recorder gives it. made names
// what was done to it.
func anyRun(d dice) (h history.Header, events []history.Event, made []string) {
	g := &group{dice: d, durable: d.intn(3) == 0, formed: d.intn(8) > 0}
	switch {
	case d.intn(12) == 0:
		made, events = append(made, "wrong all over"), soup(d)
	case g.durable:
		made = append(made, "durable")
		fallthrough
	default:
		events = g.run(30 + d.intn(70))
	}
	for range []int{0, 1, 1, 1, 1, 2, 2, 3}[d.intn(8)] {
		list := referenceDefects
		if g.durable && d.intn(3) == 0 {
			list = returnDefects
		}
		for range 8 {
			defect := list[d.intn(len(list))]
			if changed := defect.apply(events, d); changed != nil {
				made, events = append(made, defect.name), changed
				break
			}
		}
	}
	for _, form := range referenceForms {
		if d.intn(form.oneIn) == 0 {
			made, events = append(made, form.name), form.apply(events, d)
		}
	}
	if d.intn(2) == 0 {
		h.Promises = allNames()
	}
	h.BareMembers = d.intn(10) == 0
	return h, events, made
}

// referenceForms are ways to write down less of the same run.
var referenceForms = []struct {
	name  string
	oneIn int
	apply func(events []history.Event, d dice) []history.Event
}{
	{"no start events", 6, func(events []history.Event, _ dice) []history.Event { return omit(events, history.Start) }},
	{"no views", 16, func(events []history.Event, _ dice) []history.Event { return omit(events, history.View) }},
	{"no stop events", 16, func(events []history.Event, _ dice) []history.Event { return omit(events, history.Stop) }},
	{"no calls", 20, func(events []history.Event, _ dice) []history.Event {
		return omit(events, history.Invoke, history.OK, history.Fail, history.Info)
	}},
	{"no phases", 25, func(events []history.Event, _ dice) []history.Event { return omit(events, history.Phase) }},
	{"deliveries name no view", 6, func(events []history.Event, _ dice) []history.Event {
		return each(events, history.Deliver, func(e *history.Event) { e.View = "" })
	}},
	{"some deliveries name no view, sender or state", 6, func(events []history.Event, d dice) []history.Event {
		return each(events, history.Deliver, func(e *history.Event) {
			switch d.intn(6) {
			case 0:
				e.View = ""
			case 1:
				e.Sender = ""
			case 2:
				e.State = ""
			}
		})
	}},
	{"some calls are writes that a message carries", 8, func(events []history.Event, d dice) []history.Event {
		return carried(events, d)
	}},
	{"cut off", 9, func(events []history.Event, d dice) []history.Event {
		return events[:len(events)/4+d.intn(len(events)*3/4+1)]
	}},
}

// cutShort takes the end off the last line of a history that was cut off.
func cutShort(file []byte, made []string) []byte {
	if !slices.Contains(made, "cut off") || bytes.Count(file, []byte("\n")) < 3 {
		return file
	}
	return file[:len(file)-9]
}

func omit(events []history.Event, types ...history.Type) []history.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool { return slices.Contains(types, e.Type) })
}

// each changes every event of a type.
func each(events []history.Event, of history.Type, change func(e *history.Event)) []history.Event {
	out := slices.Clone(events)
	for i := range out {
		if out[i].Type == of {
			change(&out[i])
		}
	}
	return out
}

// carried makes writes of some multicasts, with their messages as carriers. Of one message
// all are.
func carried(events []history.Event, d dice) []history.Event {
	out := slices.Clone(events)
	chosen := map[string]bool{}
	for i, e := range out {
		if e.F != "multicast" {
			continue
		}
		msg := message(e)
		if _, seen := chosen[msg]; !seen {
			chosen[msg] = d.intn(3) == 0
		}
		if chosen[msg] {
			out[i].F, out[i].Value = "write", json.RawMessage(fmt.Sprintf(`{"key":"k","value":%q}`, e.Process))
			if e.Type == history.Invoke {
				out[i].Msg = msg
			}
		}
	}
	return out
}
