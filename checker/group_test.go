package checker_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"groupy/checker/history"
)

// A simulated group that keeps every promise, to make valid histories: one agreed
// sequence of messages for each view, a primary component, members that deliver and
// install at their own pace, crash, start again, join, leave and are evicted,
// clients that wait for their acknowledgement, and a run's phases. It is written
// down once, in the order of what happens, with no protocol: whatever a member has
// done is a prefix of what was agreed.

// dice is the source of choices: a seeded generator or rapid's.
type dice interface{ intn(n int) int }

type group struct {
	dice   dice
	events []history.Event
	views  []*agreed // of the primary component; the last one is current
	all    []*person
	asked  int // messages so far
	nodes  int
	phase  string
	states bool // deliveries report a state
	sends  bool // members report in which view they send

	durable bool // who is started again is the same member, and does again what it did
	formed  bool // all are members before the main phase
}

// agreed is a view and the messages that its members deliver in it.
type agreed struct {
	name string
	list []*person
	msgs []string // in order; "m3" of person by[m]
	by   map[string]*person
	held bool // somebody has installed it
}

// person is one member of the group.
type person struct {
	node, name string
	at         int // index of the current view, -1 before the first
	done       int // messages delivered in it
	pending    []string
	calls      map[string]bool // messages asked and not yet answered
	alive      bool
	evicted    bool
	joining    bool // asked, its join not yet answered
	admitted   bool // in some view's list
	gone       bool // left
	number     int
	did        []history.Event // installs and deliveries, each once
	again      []history.Event // what of it is to be done again, after a start
}

// simulate plays one run of some steps.
func simulate(d dice, steps int) []history.Event { return (&group{dice: d}).run(steps) }

func (g *group) run(steps int) []history.Event {
	d := g.dice
	g.nodes, g.states, g.sends = 2+d.intn(3), d.intn(2) == 0, d.intn(3) == 0
	g.enter(history.PhaseBootstrap)
	for range g.nodes {
		g.start(len(g.all))
	}
	first := g.all[0]
	g.views = []*agreed{{name: "1", list: []*person{first}, by: map[string]*person{}}}
	first.admitted = true
	if g.formed {
		g.settle()
		g.change(alive)
		g.settle()
	}
	g.enter(history.PhaseMain)
	for range steps {
		g.step()
	}
	if d.intn(5) > 0 {
		g.Finish()
	}
	return g.events
}

func (g *group) emit(e history.Event) {
	e.Time = int64(len(g.events)) * 1000
	g.events = append(g.events, e)
}

func (g *group) enter(phase string) {
	g.phase = phase
	g.emit(history.Event{Type: history.Phase, Phase: phase})
}

func (g *group) start(node int) {
	name := "n" + strconv.Itoa(node+1)
	number := 1
	for _, p := range g.all {
		if p.node == name {
			number++
		}
	}
	p := &person{node: name, name: fmt.Sprintf("%s.%d", name, number), at: -1, calls: map[string]bool{}, alive: true, joining: true, number: len(g.all)}
	g.all = append(g.all, p)
	g.emit(history.Event{Type: history.Start, Node: p.node, Member: p.name})
	g.emit(history.Event{Type: history.Invoke, Process: "join-" + p.name, Node: p.node, F: "join", Value: json.RawMessage("null")})
}

// resume starts a member again, which takes up somewhere in what it did.
func (g *group) resume(p *person) {
	p.alive = true
	g.emit(history.Event{Type: history.Start, Node: p.node, Member: p.name})
	place := g.dice.intn(len(p.did)) // behind this one
	var view history.Event
	msg := ""
	for _, e := range p.did[:place+1] {
		if e.Type == history.View {
			view = e
		} else {
			msg = e.Msg
		}
	}
	view.After = &msg
	p.again = append([]history.Event{view}, p.did[place+1:]...)
}

func (g *group) Current() *agreed { return g.views[len(g.views)-1] }

// pick gives a person of whom ok is true, nil if there is none.
func (g *group) pick(ok func(*person) bool) *person {
	list := slices.DeleteFunc(slices.Clone(g.all), func(p *person) bool { return !ok(p) })
	if len(list) == 0 {
		return nil
	}
	return list[g.dice.intn(len(list))]
}

func alive(p *person) bool { return p.alive && !p.evicted }

func (g *group) step() {
	if g.durable && g.dice.intn(15) == 0 {
		g.crash()
		g.restart()
		return
	}
	switch k := g.dice.intn(40); {
	case k < 8:
		if p := g.pick(alive); p != nil {
			g.ask(p)
		}
	case k < 15:
		g.order()
	case k < 33:
		if p := g.pick(alive); p != nil {
			g.advance(p)
		}
	case k < 36:
		g.change(func(*person) bool { return g.dice.intn(8) > 0 })
	case k < 37:
		g.crash()
	case k < 38:
		if p := g.pick(func(p *person) bool {
			return alive(p) && p.at == len(g.views)-1 && len(g.Current().list) > 2 && len(p.calls) == 0
		}); p != nil {
			g.Leave(p)
		}
	default:
		g.restart()
	}
}

// restart starts somebody again who has ended.
func (g *group) restart() {
	p := g.pick(func(p *person) bool { return !p.alive && g.newest(p) })
	switch {
	case p == nil:
	case g.durable && len(p.did) > 0 && !p.evicted && !p.gone:
		g.resume(p)
	default:
		g.start(int(p.node[1] - '1'))
	}
}

func (g *group) newest(p *person) bool {
	return !slices.ContainsFunc(g.all, func(o *person) bool { return o.node == p.node && o.number > p.number })
}

func call(t history.Type, p *person, m string) history.Event {
	return history.Event{Type: t, Process: "c-" + m, Node: p.node, F: "multicast", Value: json.RawMessage(`"` + m + `"`)}
}

func (g *group) ask(p *person) {
	g.asked++
	m := "m" + strconv.Itoa(g.asked)
	g.emit(call(history.Invoke, p, m))
	if p.at < 0 {
		g.emit(call(history.Fail, p, m))
		return
	}
	p.pending = append(p.pending, m)
	p.calls[m] = true
}

// order appends a pending message to the current view's sequence.
func (g *group) order() {
	v := g.Current()
	p := g.pick(func(p *person) bool { return len(p.pending) > 0 && slices.Contains(v.list, p) && !p.evicted })
	if p == nil {
		return
	}
	m := p.pending[0]
	p.pending = p.pending[1:]
	v.msgs = append(v.msgs, m)
	v.by[m] = p
	if g.sends {
		g.emit(history.Event{Type: history.Send, Member: p.name, Msg: m, View: v.name})
	}
}

// advance lets a member do its next thing: deliver, or install, or learn that it is
// out. It reports whether there was one.
func (g *group) advance(p *person) bool {
	if len(p.again) > 0 {
		g.emit(p.again[0])
		p.again = p.again[1:]
		return true
	}
	if p.at < 0 {
		for i, v := range g.views {
			if slices.Contains(v.list, p) && (i == 0 || g.views[i-1].held) {
				g.install(p, i)
				return true
			}
		}
		return false
	}
	v := g.views[p.at]
	if p.done < len(v.msgs) {
		g.deliver(p, v, v.msgs[p.done])
		return true
	}
	if p.at == len(g.views)-1 {
		return false
	}
	if slices.Contains(g.views[p.at+1].list, p) {
		g.install(p, p.at+1)
	} else {
		p.evicted = true
		g.emit(history.Event{Type: history.Evict, Member: p.name, Reason: "not in view " + g.views[p.at+1].name})
		g.giveUp(p)
	}
	return true
}

func (g *group) install(p *person, i int) {
	p.at, p.done = i, 0
	g.views[i].held = true
	var list []string
	for _, o := range g.views[i].list {
		list = append(list, o.name)
	}
	e := history.Event{Type: history.View, Member: p.name, View: g.views[i].name, Members: list}
	p.did = append(p.did, e)
	g.emit(e)
	if p.joining {
		p.joining = false
		g.emit(history.Event{Type: history.OK, Process: "join-" + p.name, Node: p.node, F: "join"})
	}
}

func (g *group) deliver(p *person, v *agreed, m string) {
	p.done++
	e := history.Event{Type: history.Deliver, Member: p.name, Msg: m, Sender: v.by[m].name, View: v.name}
	if g.states {
		e.State = "s" + v.name + "-" + strconv.Itoa(p.done)
	}
	p.did = append(p.did, e)
	g.emit(e)
	if v.by[m] == p && p.calls[m] {
		delete(p.calls, m)
		g.emit(call(history.OK, p, m))
	}
}

// change agrees on a new view, if a quorum of the current one runs and goes along.
func (g *group) change(keep func(*person) bool) {
	v := g.Current()
	if at := len(g.views) - 1; !slices.ContainsFunc(v.list, func(p *person) bool { return p.at == at }) {
		return // a view is left by who has come to it
	}
	next := &agreed{name: strconv.Itoa(len(g.views) + 1), by: map[string]*person{}}
	for i, p := range v.list {
		// The first keeps the group together; the dead may stay, for a while.
		if !p.gone && (i == 0 && p.alive || keep(p)) {
			next.list = append(next.list, p)
		}
	}
	running := 0
	for _, p := range next.list {
		if p.alive {
			running++
		}
	}
	if half := 2*running == len(v.list) && v.list[0].alive; !half && 2*running <= len(v.list) {
		return
	}
	for _, p := range g.all {
		if p.alive && p.joining && !p.admitted {
			next.list = append(next.list, p)
			p.admitted = true
		}
	}
	g.views = append(g.views, next)
}

// giveUp makes what p's clients wait for unknown.
func (g *group) giveUp(p *person) {
	for i := range g.asked {
		if m := "m" + strconv.Itoa(i+1); p.calls[m] {
			delete(p.calls, m)
			g.emit(call(history.Info, p, m))
		}
	}
	if p.joining {
		p.joining = false
		g.emit(history.Event{Type: history.Info, Process: "join-" + p.name, Node: p.node, F: "join"})
	}
}

func (g *group) crash() {
	p := g.pick(func(p *person) bool { return p.alive })
	if p == nil {
		return
	}
	p.alive, p.again = false, nil
	if !slices.ContainsFunc(g.events, func(e history.Event) bool { return e.Type == history.Fault && e.ID == p.name }) {
		g.emit(history.Event{Type: history.Fault, Fault: "kill", ID: p.name, Phase: history.FaultBegin})
	}
	g.emit(history.Event{Type: history.Stop, Node: p.node, Member: p.name, How: history.StopKill})
	g.giveUp(p)
}

// Leave is orderly: the next view is without p, which learns it.
func (g *group) Leave(p *person) {
	process := "leave-" + strconv.Itoa(len(g.events))
	g.emit(history.Event{Type: history.Invoke, Process: process, Node: p.node, F: "leave", Value: json.RawMessage("null")})
	p.gone = true
	before := len(g.views)
	g.change(func(*person) bool { return true })
	for g.advance(p) && !p.evicted {
	}
	answer := history.OK
	if len(g.views) == before {
		p.gone, answer = false, history.Info
	}
	g.emit(history.Event{Type: answer, Process: process, Node: p.node, F: "leave"})
}

// settle lets everything in flight arrive.
func (g *group) settle() {
	for again := true; again; {
		again = false
		for _, p := range g.all {
			for alive(p) && g.advance(p) {
				again = true
			}
		}
		for _, p := range g.all {
			for alive(p) && len(p.pending) > 0 && slices.Contains(g.Current().list, p) {
				g.order()
				again = true
			}
		}
	}
}

func (g *group) Finish() {
	g.enter(history.PhaseHeal)
	g.enter(history.PhaseRecover)
	g.settle()
	g.change(func(p *person) bool { return p.alive })
	g.settle()
	g.enter(history.PhaseQuiesce)
	g.enter(history.PhaseFinal)
	for _, p := range g.all {
		if alive(p) && p.at >= 0 {
			g.ask(p)
		}
	}
	g.settle()
	for _, p := range g.all {
		g.giveUp(p)
	}
	g.enter(history.PhaseEnd)
	for _, p := range g.all {
		if p.alive {
			g.emit(history.Event{Type: history.Stop, Node: p.node, Member: p.name, How: history.StopShutdown})
		}
	}
}
