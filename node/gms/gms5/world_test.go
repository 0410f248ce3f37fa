package gms5_test

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
)

// mesh is a bare world for campaigns of gms5: where gmstest.Sim is made to be
// read, mesh is made to be fast and hostile. Messages are not encoded; each has
// its own delay, so they overtake one another unless the mesh is fifo. What it
// observes is gmstest's, and gmstest judges it.
type mesh struct {
	cfg    gms.Config
	proto  gms.Protocol
	rng    *rand.Rand
	now    time.Duration
	seq    uint64
	queue  meshQueue
	nodes  []string
	procs  map[string]*meshProc
	starts map[string]int
	links  map[[2]string]*meshLink
	events []gmstest.Event
	broken string // the invariant that a core found broken
	req    uint64
	steps  int
	sends  int
	healed time.Duration
	debug  func(string)

	fifo      bool
	hearClose bool          // a dead process's peers are told
	gentle    bool          // faults leave the newest view a quorum, so that the group must recover
	low, high time.Duration // bounds of a message's delay, log-uniform
}

type meshProc struct {
	node, member string
	core         gms.Core
	paused       bool
	inbox        []gms.Input
	timers       map[string]uint64
	out          bool // evicted or left
	traps        []*trap
	leaving      uint64 // its leave request
}

// trap springs at the count-th send of a kind ("" for any): the process is
// killed right after it, or paused.
type trap struct {
	kind  string
	count int
	pause time.Duration // 0: kill
}

type meshLink struct {
	cut       bool
	drop, dup float64
	low, high time.Duration // in place of the mesh's, if set
	last      time.Duration
}

type meshEvent struct {
	at  time.Duration
	seq uint64
	do  func()
}

type meshQueue []meshEvent

func (q meshQueue) Len() int { return len(q) }
func (q meshQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q meshQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *meshQueue) Push(x any)   { *q = append(*q, x.(meshEvent)) }
func (q *meshQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1].do = nil
	*q = old[:len(old)-1]
	return e
}

func (w *mesh) after(d time.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, meshEvent{w.now + d, w.seq, do})
}

// run lets time pass until end. It stops when an invariant broke.
func (w *mesh) run(end time.Duration) {
	for len(w.queue) > 0 && w.queue[0].at <= end && w.broken == "" {
		if w.steps++; w.steps > 20_000_000 {
			w.broken = "a storm of messages"
			return
		}
		e := heap.Pop(&w.queue).(meshEvent)
		w.now = e.at
		e.do()
	}
	w.now = max(w.now, end)
}

func (w *mesh) observe(member string, what any) {
	if _, ok := what.(gms.Log); !ok {
		w.events = append(w.events, gmstest.Event{At: w.now, Member: member, What: what})
	}
	if w.debug != nil {
		w.debug(fmt.Sprintf("%10.3fms %v", w.now.Seconds()*1000, gmstest.Event{Member: member, What: what}))
	}
}

func (w *mesh) link(from, to string) *meshLink {
	l := w.links[[2]string{from, to}]
	if l == nil {
		l = &meshLink{}
		w.links[[2]string{from, to}] = l
	}
	return l
}

func (w *mesh) start(node string) {
	w.kill(node)
	w.starts[node]++
	cfg := w.cfg
	cfg.Node, cfg.Incarnation, cfg.Nodes = node, w.starts[node], w.nodes
	p := &meshProc{node: node, member: cfg.Member(), core: w.proto.New(cfg), timers: map[string]uint64{}}
	w.procs[node] = p
	w.observe(p.member, gmstest.Started{})
}

func (w *mesh) kill(node string) {
	p := w.procs[node]
	if p == nil {
		return
	}
	delete(w.procs, node)
	w.observe(p.member, gmstest.Stopped{})
	if w.hearClose {
		for _, to := range w.nodes {
			w.closed(node, to)
		}
	}
}

// closed tells to that its connection from a node ended, after what is under way.
func (w *mesh) closed(from, to string) {
	if from != to && !w.link(from, to).cut {
		at := max(w.now+w.delay(from, to), w.link(from, to).last)
		w.after(at-w.now, func() { w.inputTo(to, gms.Closed{Node: from}) })
	}
}

func (w *mesh) pause(node string, d time.Duration) {
	p := w.procs[node]
	if p == nil || p.paused {
		return
	}
	p.paused = true
	w.observe(p.member, gmstest.Paused{})
	w.after(d, func() { w.resume(p) })
}

// resume hands over what waited, the expired timers first or last by chance.
func (w *mesh) resume(p *meshProc) {
	if !p.paused {
		return
	}
	p.paused = false
	w.observe(p.member, gmstest.Resumed{})
	inbox := p.inbox
	p.inbox = nil
	if w.rng.IntN(2) == 0 {
		slices.SortStableFunc(inbox, func(a, b gms.Input) int { return timersFirst(a) - timersFirst(b) })
	}
	for _, in := range inbox {
		w.input(p, in)
	}
}

func timersFirst(in gms.Input) int {
	if _, ok := in.(gms.Timer); ok {
		return 0
	}
	return 1
}

func (w *mesh) ask(node string, in func(req uint64) gms.Input) {
	if p := w.procs[node]; p != nil {
		w.req++
		i := in(w.req)
		w.observe(p.member, gmstest.Asked{Input: i})
		w.input(p, i)
	}
}

func (w *mesh) join(node string, contacts ...string) {
	w.ask(node, func(r uint64) gms.Input { return gms.Join{Req: r, Contacts: contacts} })
}

func (w *mesh) leave(node string) {
	w.ask(node, func(r uint64) gms.Input {
		w.procs[node].leaving = r
		return gms.Leave{Req: r}
	})
}

func (w *mesh) multicast(node, msg string) {
	w.ask(node, func(r uint64) gms.Input { return gms.Multicast{Req: r, Msg: msg} })
}

func (w *mesh) inputTo(node string, in gms.Input) {
	if p := w.procs[node]; p != nil {
		w.input(p, in)
	}
}

func (w *mesh) input(p *meshProc, in gms.Input) {
	if w.procs[p.node] != p || w.broken != "" {
		return
	}
	if p.paused {
		p.inbox = append(p.inbox, in)
		return
	}
	for _, e := range w.step(p, in) {
		if w.procs[p.node] != p {
			return // killed between two effects
		}
		w.perform(p, e)
	}
}

// step is Step with its panics caught: a broken invariant ends the run.
func (w *mesh) step(p *meshProc, in gms.Input) (out []gms.Effect) {
	defer func() {
		if r := recover(); r != nil {
			w.broken = fmt.Sprint(r)
			if w.debug != nil {
				w.debug(w.broken)
			}
		}
	}()
	return slices.Clone(p.core.Step(w.now, in))
}

func (w *mesh) perform(p *meshProc, e gms.Effect) {
	switch e := e.(type) {
	case gms.Send:
		w.send(p, e)
	case gms.SetTimer:
		w.seq++
		set := w.seq
		p.timers[e.ID] = set
		w.after(e.After, func() {
			if p.timers[e.ID] == set {
				w.input(p, gms.Timer{ID: e.ID})
			}
		})
	case gms.CancelTimer:
		delete(p.timers, e.ID)
	case gms.Evict:
		p.out = true
		w.observe(p.member, e)
	case gms.Reply:
		p.out = p.out || e.Req == p.leaving && e.Failed == nil
		w.observe(p.member, e)
	case *gms.Deliver:
		w.observe(p.member, *e)
	default:
		w.observe(p.member, e)
	}
}

func (w *mesh) delay(from, to string) time.Duration {
	low, high := w.low, w.high
	if l := w.link(from, to); l.high > 0 {
		low, high = l.low, l.high
	}
	return time.Duration(float64(low) * math.Exp(w.rng.Float64()*math.Log(float64(high)/float64(low))))
}

func (w *mesh) send(p *meshProc, e gms.Send) {
	to, _, _ := strings.Cut(e.To, ".")
	l := w.link(p.node, to)
	w.sends++
	if !l.cut && w.rng.Float64() >= l.drop {
		w.carry(p, l, to, e)
		if w.rng.Float64() < l.dup {
			w.carry(p, l, to, e)
		}
	}
	for i, t := range p.traps {
		if t.kind != "" && t.kind != e.Message.Kind() {
			continue
		}
		if t.count--; t.count <= 0 {
			p.traps = slices.Delete(p.traps, i, i+1)
			if t.pause > 0 {
				w.pause(p.node, t.pause)
			} else {
				w.strike(p.node)
			}
			return
		}
	}
}

func (w *mesh) carry(p *meshProc, l *meshLink, to string, e gms.Send) {
	at := w.now + w.delay(p.node, to)
	if w.fifo {
		at = max(at, l.last)
		l.last = at
	}
	if w.debug != nil && p.core != nil {
		w.debug(fmt.Sprintf("%10.3fms %s -> %s %s", w.now.Seconds()*1000, p.member, e.To, e.Message.Kind()))
	}
	w.after(at-w.now, func() {
		q := w.procs[to]
		if q == nil || e.To != q.node && e.To != q.member || l.cut {
			return
		}
		w.input(q, gms.Receive{From: p.member, Message: e.Message})
	})
}

// heal makes every link whole and lets every process run.
func (w *mesh) heal() {
	w.healed = w.now
	w.links = map[[2]string]*meshLink{}
	for _, n := range w.nodes {
		if p := w.procs[n]; p != nil {
			p.traps = nil
			w.resume(p)
		}
	}
}

// record is gmstest's view of what happened.
func (w *mesh) record() *gmstest.Record { return (&gmstest.Sim{Events: w.events}).Record() }
