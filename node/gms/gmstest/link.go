package gmstest

import (
	"bytes"
	"encoding/json"
	"time"

	"groupy/node/gms"
)

// Link is one direction between two nodes. It is FIFO unless Reorder is set.
// Its fields may be changed at any time and hold for what is sent from then on.
type Link struct {
	Delay   time.Duration // of every message
	Jitter  time.Duration // added, evenly drawn from 0 to this
	Drop    float64       // probability that a message is lost
	Dup     float64       // probability that a message arrives again, a little later
	Reorder float64       // probability that a message may overtake others or be overtaken
	Down    bool          // cut: everything sent is lost

	holding bool
	held    []*packet
	flying  []*packet
	last    time.Duration // arrival of the last message in order
	open    bool          // a connection exists: something was sent since start or reset
	rules   []rule
}

// packet is one message under way.
type packet struct {
	from, to string // member; member or bare node
	raw      []byte
	message  gms.Message
	arrives  time.Duration
	gone     bool // arrived or lost
	late     bool // a second copy, which comes when it likes
}

// rule is a one-shot fate for the next message that matches.
type rule struct {
	match string
	fate  string // "drop", "dup"
}

// matches reports whether a message is of that kind or carries that word as a
// JSON string.
func (p *packet) matches(word string) bool {
	quoted, err := json.Marshal(word)
	return p.message.Kind() == word || (err == nil && bytes.Contains(p.raw, quoted))
}

func (l *Link) fate(p *packet) string {
	for i, r := range l.rules {
		if p.matches(r.match) {
			l.rules = append(l.rules[:i], l.rules[i+1:]...)
			return r.fate
		}
	}
	return ""
}

// carry takes a message over from a process.
func (s *Sim) carry(l *Link, p *packet) {
	fate := l.fate(p)
	if l.Down || fate == "drop" || s.chance(l.Drop) {
		return
	}
	l.open = true
	copies := 1
	if fate == "dup" || s.chance(l.Dup) {
		copies = 2
	}
	for i := range copies {
		twin := *p
		twin.late = i > 0 && fate == ""
		if l.holding {
			l.held = append(l.held, &twin)
			continue
		}
		s.fly(l, &twin)
	}
}

func (s *Sim) fly(l *Link, p *packet) {
	p.arrives = s.now + l.Delay + s.upTo(l.Jitter)
	if p.late || s.chance(l.Reorder) {
		p.arrives += s.upTo(4*l.Delay + 4*time.Millisecond)
	} else {
		p.arrives = max(p.arrives, l.last)
		l.last = p.arrives
	}
	l.flying = append(l.flying, p)
	s.at(p.arrives, func() {
		if p.gone {
			return
		}
		p.gone = true
		l.flying = without(l.flying, p)
		s.arrive(p)
	})
}

func without(ps []*packet, p *packet) []*packet {
	for i, q := range ps {
		if q == p {
			return append(ps[:i], ps[i+1:]...)
		}
	}
	return ps
}

// loseFrom loses what is under way from the i-th message on.
func (l *Link) loseFrom(i int) {
	for _, p := range l.flying[i:] {
		p.gone = true
	}
	l.flying = l.flying[:i]
	l.held = nil
}

// Link gives the link from one node to another.
func (s *Sim) Link(from, to string) *Link {
	key := [2]string{from, to}
	l := s.links[key]
	if l == nil {
		l = &Link{Delay: s.opts.Delay, Jitter: s.opts.Jitter}
		s.links[key] = l
	}
	return l
}

// Cut cuts one direction: what is under way is lost, the connection is reset
// (the receiver hears gms.Closed, unless the world is without), and what is sent
// from now on is lost.
func (s *Sim) Cut(from, to string) {
	l := s.Link(from, to)
	l.Down = true
	l.loseFrom(0)
	s.closed(l, from, to)
}

// CutSides cuts every link, in both directions, between nodes of two sides.
func (s *Sim) CutSides(a, b []string) {
	for _, x := range a {
		for _, y := range b {
			s.Cut(x, y)
			s.Cut(y, x)
		}
	}
}

// Heal puts every link back to what the options say. What was held is sent on.
func (s *Sim) Heal() {
	for _, from := range s.nodes {
		for _, to := range s.nodes {
			l, ok := s.links[[2]string{from, to}]
			if !ok {
				continue
			}
			l.Down, l.Drop, l.Dup, l.Reorder, l.rules = false, 0, 0, 0, nil
			l.Delay, l.Jitter = s.opts.Delay, s.opts.Jitter
			s.Release(from, to)
		}
	}
}

// Hold keeps back what is sent over a link from now on, until Release.
func (s *Sim) Hold(from, to string) { s.Link(from, to).holding = true }

// Release sends on what was held, in order.
func (s *Sim) Release(from, to string) {
	l := s.Link(from, to)
	held := l.held
	l.holding, l.held = false, nil
	for _, p := range held {
		s.fly(l, p)
	}
}

// DropNext loses the next message over a link that is of that kind or carries
// that word. DupNext doubles it.
func (s *Sim) DropNext(from, to, match string) {
	l := s.Link(from, to)
	l.rules = append(l.rules, rule{match, "drop"})
}

// DupNext doubles the next message over a link that matches, as DropNext.
func (s *Sim) DupNext(from, to, match string) {
	l := s.Link(from, to)
	l.rules = append(l.rules, rule{match, "dup"})
}

// closed tells a node, after all that is under way to it, that the connection
// from another is gone. It may hear so later by the link's jitter.
func (s *Sim) closed(l *Link, from, to string) {
	if !l.open || s.opts.NoClosed {
		return
	}
	l.open = false
	s.at(max(s.now+l.Delay, l.last)+s.upTo(l.Jitter), func() {
		if p := s.procs[to]; p != nil {
			s.input(p, gms.Closed{Node: from})
		}
	})
}
