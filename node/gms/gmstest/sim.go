package gmstest

import (
	"container/heap"
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
