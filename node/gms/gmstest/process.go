package gmstest

import (
	"encoding/json"
	"fmt"
	"slices"

	"groupy/node/gms"
)

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
	case *gms.Deliver:
		s.observe(p.member, *e)
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
