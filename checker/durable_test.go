package checker_test

import (
	"maps"
	"slices"
	"strings"

	"groupy/checker/history"
)

// durable has members of a history die and come back as what they were: at any point
// of their lives they are started again, take up at some place of their record and do
// again what stands behind it, between what others do; some die again on the way.
// With wrong they make mistakes in this.
func durable(events []history.Event, d dice, wrong bool) []history.Event {
	w := &waking{dice: d, wrong: wrong, records: map[string][]history.Event{}, due: map[string][]history.Event{}, out: map[string]bool{}}
	for _, e := range events {
		for _, p := range slices.Sorted(maps.Keys(w.due)) {
			mine := p == e.Member && done(e)
			for len(w.due[p]) > 0 && (mine || d.intn(3) == 0) {
				w.next(p)
			}
			if len(w.due[p]) > 0 && d.intn(6) == 0 {
				w.wake(p)
			}
		}
		w.say(e)
		switch p := e.Member; {
		case e.Type == history.Stop || e.Type == history.Evict:
			w.out[p], w.due[p] = true, nil
		case e.F == "leave":
			for q := range w.records {
				w.out[q] = w.out[q] || onNode(q) == e.Node
			}
		case done(e):
			w.records[p] = append(w.records[p], e)
			if !w.out[p] && d.intn(8) == 0 {
				w.wake(p)
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(w.due)) {
		for len(w.due[p]) > 0 {
			w.next(p)
		}
	}
	return w.events
}

type waking struct {
	dice    dice
	wrong   bool
	events  []history.Event
	records map[string][]history.Event
	due     map[string][]history.Event
	out     map[string]bool // for good
}

func done(e history.Event) bool { return e.Type == history.View || e.Type == history.Deliver }

func (w *waking) say(e history.Event) { w.events = append(w.events, e) }

// errs reports whether to make a mistake now.
func (w *waking) errs() bool { return w.wrong && w.dice.intn(8) == 0 }

// wake starts a member again. Where it installed nothing yet it cannot take up.
func (w *waking) wake(p string) {
	record := w.records[p]
	first := slices.IndexFunc(record, func(e history.Event) bool { return e.Type == history.View })
	if first < 0 {
		return
	}
	place := first + 1 + w.dice.intn(len(record)-first)
	after := ""
	var view history.Event
	for _, e := range record[:place] {
		if e.Type == history.View {
			view = e
		} else {
			after = e.Msg
		}
	}
	if w.dice.intn(4) > 0 {
		w.say(history.Event{Type: history.Stop, Node: onNode(p), Member: p, How: history.StopKill})
	}
	if !w.errs() {
		w.say(history.Event{Type: history.Start, Node: onNode(p), Member: p})
	}
	view.After = &after
	if w.errs() {
		view.After = nil
	}
	if w.errs() {
		view.After = new("m1")
	}
	if !w.errs() {
		w.say(w.blurred(view))
	}
	w.due[p] = slices.Clone(record[place:])
	if w.errs() {
		w.due[p] = nil
	}
}

// next has a member do again one thing that it owes.
func (w *waking) next(p string) {
	e := w.due[p][0]
	w.due[p] = w.due[p][1:]
	if e.After = nil; w.errs() {
		return
	}
	w.say(w.blurred(e))
}

// blurred is the event, or nearly.
func (w *waking) blurred(e history.Event) history.Event {
	if !w.errs() {
		return e
	}
	switch k := w.dice.intn(5); {
	case e.Type == history.Deliver && k < 2:
		e.Sender = "n1.1"
	case e.Type == history.Deliver && k < 3:
		e.State = "s1-1"
	case e.Type == history.Deliver:
		e.View = []string{"", "1", "2"}[w.dice.intn(3)]
	case k < 2:
		e.Primary = new(bool)
	case k < 3:
		e.Members = []string{e.Member}
	default:
		e.After = new("")
	}
	return e
}

func onNode(member string) string {
	node, _, _ := strings.Cut(member, ".")
	return node
}
