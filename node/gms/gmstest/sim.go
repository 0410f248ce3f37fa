package gmstest

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"groupy/node/gms"
)

// Options say what a Sim is made of. Protocol is required; everything else may
// stay empty.
type Options struct {
	Protocol gms.Protocol
	Config   gms.Config    // for every process; Node, Incarnation and Nodes are filled in
	Nodes    []string      // the roster; default n1 to n5
	Seed     uint64        // of the links' draws and of every core
	Delay    time.Duration // of every link; default 1 ms
	Jitter   time.Duration // of every link
	NoClosed bool          // nobody hears that a connection is gone
	Limit    int           // steps, after which a run panics; default 5 million
}

// Sim is the simulated world. It is not safe for concurrent use.
type Sim struct {
	Events []Event // all that was observed

	opts    Options
	rng     *rand.Rand
	now     time.Duration
	seq     uint64
	agenda  agenda
	nodes   []string
	procs   map[string]*proc
	starts  map[string]int
	links   map[[2]string]*Link
	kills   []*trigger
	lastReq uint64
	replies map[uint64]gms.Reply
	steps   int
}

// proc is one running process.
type proc struct {
	node, member string
	core         gms.Core
	timers       map[string]uint64 // set, by the number of the setting
	paused       bool
	expired      []gms.Input // timers that ran out while it was paused
	waiting      []gms.Input // what arrived while it was paused
}

// stop takes a timer back, also one that ran out while the process was paused.
func (p *proc) stop(id string) {
	delete(p.timers, id)
	p.expired = slices.DeleteFunc(p.expired, func(in gms.Input) bool { return in == gms.Timer{ID: id} })
}

// trigger kills a process right after one of its sends.
type trigger struct{ node, match, to string }

// New makes a world in which nothing runs yet.
func New(o Options) *Sim {
	if len(o.Nodes) == 0 {
		o.Nodes = []string{"n1", "n2", "n3", "n4", "n5"}
	}
	if o.Delay == 0 {
		o.Delay = time.Millisecond
	}
	if o.Limit == 0 {
		o.Limit = 5_000_000
	}
	return &Sim{
		opts: o, rng: rand.New(rand.NewPCG(o.Seed, 1)), nodes: slices.Clone(o.Nodes),
		procs: map[string]*proc{}, starts: map[string]int{},
		links: map[[2]string]*Link{}, replies: map[uint64]gms.Reply{},
	}
}

// Now is the virtual time since the world began.
func (s *Sim) Now() time.Duration { return s.now }

// Nodes is the roster, in order.
func (s *Sim) Nodes() []string { return s.nodes }

// Running gives the members whose processes run, in the roster's order.
func (s *Sim) Running() []string {
	var ms []string
	for _, n := range s.nodes {
		if p := s.procs[n]; p != nil {
			ms = append(ms, p.member)
		}
	}
	return ms
}

// Runs reports whether a node has a process, paused or not.
func (s *Sim) Runs(node string) bool { return s.procs[node] != nil }

// Start starts a node's process, one incarnation up, and gives its member name.
// It is a no-op for a node that runs.
func (s *Sim) Start(node string) string {
	if p := s.procs[node]; p != nil {
		return p.member
	}
	s.starts[node]++
	c := s.opts.Config
	c.Node, c.Incarnation, c.Nodes, c.Seed = node, s.starts[node], s.nodes, s.opts.Seed
	p := &proc{node: node, member: c.Member(), timers: map[string]uint64{}, core: s.opts.Protocol.New(c)}
	s.procs[node] = p
	s.observe(p.member, Started{})
	return p.member
}

// Kill kills a node's process as a perfect world would: what it sent arrives,
// and then its peers hear that the connection is gone.
func (s *Sim) Kill(node string) { s.kill(node, false) }

// KillLossy kills a node's process as the real world does: each link loses a
// suffix of its own of what is under way.
func (s *Sim) KillLossy(node string) { s.kill(node, true) }

func (s *Sim) kill(node string, lossy bool) {
	p := s.procs[node]
	if p == nil {
		return
	}
	delete(s.procs, node)
	s.observe(p.member, Stopped{})
	for _, to := range s.nodes {
		l, ok := s.links[[2]string{node, to}]
		if !ok {
			continue
		}
		if lossy {
			l.loseFrom(s.rng.IntN(len(l.flying) + 1))
		}
		s.closed(l, node, to)
	}
}

// KillAfter kills a node right after it sent a message of that kind, or one that
// carries that word, to another node.
func (s *Sim) KillAfter(node, match, to string) {
	s.kills = append(s.kills, &trigger{node, match, to})
}

// Pause freezes a node's process: nothing reaches it, time goes on.
func (s *Sim) Pause(node string) {
	if p := s.procs[node]; p != nil && !p.paused {
		p.paused = true
		s.observe(p.member, Paused{})
	}
}

// Resume lets a frozen process go on. It finds all its timers expired first and
// then, in order, what arrived meanwhile, as a real process tends to.
func (s *Sim) Resume(node string) {
	p := s.procs[node]
	if p == nil || !p.paused {
		return
	}
	s.observe(p.member, Resumed{})
	p.paused = false
	for len(p.expired) > 0 {
		in := p.expired[0]
		p.expired = p.expired[1:]
		s.input(p, in)
	}
	waiting := p.waiting
	p.waiting = nil
	for _, in := range waiting {
		s.input(p, in)
	}
}

// Join asks a node to join through contacts, or to create the group. It and its
// fellows give the request's number.
func (s *Sim) Join(node string, contacts ...string) uint64 {
	return s.ask(node, func(req uint64) gms.Input { return gms.Join{Req: req, Contacts: contacts} })
}

// Leave asks a node to leave.
func (s *Sim) Leave(node string) uint64 {
	return s.ask(node, func(req uint64) gms.Input { return gms.Leave{Req: req} })
}

// Multicast asks a node to multicast a message with that id.
func (s *Sim) Multicast(node, msg string) uint64 {
	return s.ask(node, func(req uint64) gms.Input { return gms.Multicast{Req: req, Msg: msg} })
}

// Answer gives the reply to a request, if there was one.
func (s *Sim) Answer(req uint64) (gms.Reply, bool) {
	r, ok := s.replies[req]
	return r, ok
}

func (s *Sim) ask(node string, in func(uint64) gms.Input) uint64 {
	s.lastReq++
	if p := s.procs[node]; p != nil {
		i := in(s.lastReq)
		s.observe(p.member, Asked{i})
		s.input(p, i)
	}
	return s.lastReq
}

// input hands an input to a process, now or once it is resumed.
func (s *Sim) input(p *proc, in gms.Input) {
	if s.procs[p.node] != p {
		return
	}
	if p.paused {
		if _, ok := in.(gms.Timer); ok {
			p.expired = append(p.expired, in)
		} else {
			p.waiting = append(p.waiting, in)
		}
		return
	}
	for _, e := range slices.Clone(p.core.Step(s.now, in)) {
		if s.procs[p.node] != p {
			return // killed between two effects
		}
		s.perform(p, e)
	}
}

func (s *Sim) perform(p *proc, e gms.Effect) {
	switch e := e.(type) {
	case gms.Send:
		s.send(p, e)
	case gms.SetTimer:
		s.seq++
		set := s.seq
		p.stop(e.ID)
		p.timers[e.ID] = set
		s.at(s.now+e.After, func() {
			if p.timers[e.ID] == set {
				delete(p.timers, e.ID)
				s.input(p, gms.Timer{ID: e.ID})
			}
		})
	case gms.CancelTimer:
		p.stop(e.ID)
	case gms.Reply:
		if _, twice := s.replies[e.Req]; twice {
			panic(fmt.Sprintf("%s answers request %d twice", p.member, e.Req))
		}
		s.replies[e.Req] = e
		s.observe(p.member, e)
	default:
		s.observe(p.member, e)
	}
}

func (s *Sim) send(p *proc, e gms.Send) {
	raw, err := json.Marshal(e.Message)
	if err != nil {
		panic(fmt.Sprintf("%s sends what JSON cannot express: %v", p.member, err))
	}
	m, err := s.opts.Protocol.Decode(raw)
	if err != nil {
		panic(fmt.Sprintf("%s sends what cannot be decoded: %v: %s", p.member, err, raw))
	}
	to := nodeOf(e.To)
	pkt := &packet{from: p.member, to: e.To, raw: raw, message: m}
	s.carry(s.Link(p.node, to), pkt)
	for i, k := range s.kills {
		if k.node == p.node && k.to == to && pkt.matches(k.match) {
			s.kills = slices.Delete(s.kills, i, i+1)
			s.Kill(p.node)
			return
		}
	}
}

// arrive hands a message to the member that it is for, if it still runs.
func (s *Sim) arrive(pkt *packet) {
	p := s.procs[nodeOf(pkt.to)]
	if p == nil || (pkt.to != p.node && pkt.to != p.member) {
		return
	}
	s.input(p, gms.Receive{From: pkt.from, Message: pkt.message})
}

// At calls do at a virtual time, or now if that has passed.
func (s *Sim) At(t time.Duration, do func()) { s.at(max(t, s.now), do) }

func (s *Sim) at(t time.Duration, do func()) {
	s.seq++
	heap.Push(&s.agenda, &entry{t, s.seq, do})
}

// RunFor lets virtual time pass.
func (s *Sim) RunFor(d time.Duration) {
	s.RunUntil(s.now+d, func() bool { return false })
}

// RunUntil runs until the condition holds or the time has come, and reports
// whether it holds.
func (s *Sim) RunUntil(end time.Duration, cond func() bool) bool {
	for !cond() {
		if len(s.agenda) == 0 || s.agenda[0].at > end {
			s.now = end
			return cond()
		}
		if s.steps++; s.steps > s.opts.Limit {
			panic(fmt.Sprintf("more than %d steps: a storm of messages at %v", s.opts.Limit, s.now))
		}
		e := heap.Pop(&s.agenda).(*entry)
		s.now = e.at
		e.do()
	}
	return true
}

// Settle runs until nothing was observed for quiet, at most for limit.
func (s *Sim) Settle(quiet, limit time.Duration) {
	for end := s.now + limit; s.now < end; {
		n := len(s.Events)
		s.RunUntil(min(s.now+quiet, end), func() bool { return len(s.Events) > n })
		if len(s.Events) == n {
			return
		}
	}
}

func (s *Sim) observe(member string, what any) {
	s.Events = append(s.Events, Event{s.now, member, what})
}

func (s *Sim) chance(p float64) bool { return p > 0 && s.rng.Float64() < p }

func (s *Sim) upTo(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(s.rng.Int64N(int64(d) + 1))
}

// Rand is the world's own source of chance, for campaigns.
func (s *Sim) Rand() *rand.Rand { return s.rng }
