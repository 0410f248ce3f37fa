package virtual

import (
	"slices"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
	"groupy/nemesis/link"
	"groupy/node"
	"groupy/node/draw"
)

// network is the simulated network: the real links' table, on virtual time. It
// has no connections, so nobody hears that a process died; what a cut makes of
// a connection (bytes lost, reset at the heal) it does to what is in flight.
type network struct {
	w     *Virtual
	table *link.Table
	lines map[lineID]*virtualLine
	order []*virtualLine // of their first message
	// sized says that sizes count, since a throttle is or was set: only then are
	// messages encoded for their length.
	sized  bool
	key    draw.Key
	popped []link.Frame // room for what carry hands on
}

// lineID is one start of a node and whom it sends to.
type lineID struct {
	from        string
	incarnation int
	to          string
}

// virtualLine carries what one process sends to one node.
type virtualLine struct {
	lineID
	stream  *link.Stream // nil: opened with the next message
	sent    uint64
	moments link.Moments
	planned time.Duration // when the network looks at the line next; -1: not planned
	look    func(at time.Duration)
	key     draw.Key
	marks   []timing.Mark // of the messages of an observed run
}

// farewell is the end of a process on its way, behind all that it sent.
type farewell struct{}

func (farewell) Bytes() []byte { return nil }

func (farewell) Size() int { return 0 }

func newNetwork(w *Virtual, table *link.Table) *network {
	return &network{w: w, table: table, lines: map[lineID]*virtualLine{}, key: w.key.With("net")}
}

func (n *network) line(id lineID) *virtualLine {
	l := n.lines[id]
	if l == nil {
		l = &virtualLine{lineID: id, planned: -1, key: n.key.With(id.from).With(id.to).At(uint64(id.incarnation))}
		l.look = func(at time.Duration) {
			if l.planned == at {
				l.planned = -1
				n.carry(l)
			}
		}
		if t := n.w.config.Timing; t != nil {
			l.marks = t.Links[node.MemberName(id.from, id.incarnation)+" "+id.to]
		}
		n.lines[id] = l
		n.order = append(n.order, l)
	}
	return l
}

// send puts a message on its way.
func (n *network) send(from string, incarnation int, to string, m *mail) {
	receiver := n.w.nodes[to]
	if receiver == nil {
		return // nobody of that name; the sender's mistake
	}
	l := n.line(lineID{from, incarnation, to})
	n.mend(l)
	if l.stream == nil {
		l.stream = n.table.Open(from, to, func() {
			n.mend(l)
			n.plan(l)
		})
	}
	l.sent++
	if n.sized {
		m.size = len(m.Bytes()) + 4
	}
	took := minLatency + time.Duration(l.key.At(l.moments.Of(n.w.now)).Float()*float64(maxLatency-minLatency))
	took = took.Truncate(time.Microsecond)
	m.to = receiver
	if l.marks != nil {
		if mark := n.w.config.Timing.Fate(l.marks, l.sent, n.w.now); mark.Known || mark.Lost {
			if m = n.follow(l, m, mark); m == nil {
				return
			}
		}
	}
	l.stream.Send(m, link.Whole, n.w.now+took)
	n.plan(l)
}

// mend replaces a stream that a cut, now over, has broken.
func (n *network) mend(l *virtualLine) {
	if l.stream != nil && l.stream.Broken() {
		l.stream.Reset()
		l.stream = nil
	}
}

// plan has the network look at the line when something is due on it.
func (n *network) plan(l *virtualLine) {
	if l.stream == nil {
		return
	}
	due, ok := l.stream.Next()
	if !ok || l.planned >= 0 && l.planned <= due {
		return
	}
	due = max(due, n.w.now)
	l.planned = due
	n.w.future.add(due, l.key.At(uint64(due)).Uint64(), l.look)
}

// carry hands on what is due.
func (n *network) carry(l *virtualLine) {
	n.mend(l)
	if l.stream == nil {
		return
	}
	s := l.stream
	n.popped = s.Pop(n.popped[:0], n.w.now)
	s.Done(true) // before the receiver acts on it: it has arrived
	for _, f := range n.popped {
		switch f := f.(type) {
		case *mail:
			if f.fate == nil {
				n.w.give(f.to, input{src: l.from, peer: f})
			}
		case farewell:
			s.Close()
			l.stream = nil
			n.forget(l)
		}
	}
	clear(n.popped)
	n.plan(l)
}

// forget drops the line of a dead process.
func (n *network) forget(l *virtualLine) {
	delete(n.lines, l.lineID)
	n.order = slices.DeleteFunc(n.order, func(o *virtualLine) bool { return o == l })
}

// senderGone ends what a dead process had open: what is on its way still
// arrives, unless a trigger holds it.
func (n *network) senderGone(from string, incarnation int) {
	for _, l := range n.order {
		if l.from == from && l.incarnation == incarnation && l.stream != nil {
			l.stream.Finish(farewell{}, n.w.now)
			n.plan(l)
		}
	}
}

func (n *network) SetRule(id, from, to string, r link.Rule) {
	n.sized = n.sized || r.BytesPerSec > 0
	n.table.SetRule(id, from, to, r)
}

func (n *network) ClearRules(id string) { n.table.ClearRules(id, n.w.now) }

func (n *network) Counters(from, to string) link.Counters { return n.table.Counters(from, to) }

// ResetLink implements Links: what is in flight is lost.
func (n *network) ResetLink(from, to string) {
	for _, l := range n.order {
		if l.from == from && l.to == to && l.stream != nil {
			l.stream.Reset()
			l.stream = nil
		}
	}
}

func (n *network) Arm(g link.Gate) error {
	n.table.Arm(g, func() { n.w.events = append(n.w.events, world.Sprung{ID: g.ID}) })
	return nil
}

func (n *network) Release(id string, lose bool) { n.table.Release(id, lose, n.w.now) }

// Comment implements Links: nothing records a simulated network.
func (*network) Comment(string) {}
