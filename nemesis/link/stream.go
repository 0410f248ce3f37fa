package link

import (
	"slices"
	"sync/atomic"
	"time"
)

// Frame is a message as a stream sees it. It must not change once sent. Bytes is
// asked for only while a trigger is armed at its sender, so a network that does
// not encode its messages may encode then.
type Frame interface {
	Bytes() []byte // without any length prefix
	Size() int     // bytes on the wire, for throttle and counters
}

// Fated is a Frame of a run that happened already: how many copies of it arrived
// then is known, and rules that act by chance make as many of it again, if they
// are in force; 0: it was lost. known is false for a frame that chance decides on.
type Fated interface {
	Frame
	Fate() (copies int, known bool)
}

// Kind says what a stream was given.
type Kind uint8

// The kinds of what travels in a stream.
const (
	Whole Kind = iota // one whole message: every rule applies
	Tail              // the rest of a message that has partly gone on: cut, delay and throttle apply
	Raw               // bytes of traffic that is not framed: as Tail
	end               // the end of the connection, from Finish
)

// Stream is the messages of one connection in one direction. One goroutine may
// Send and Finish, another one Pop and Done.
type Stream struct {
	t       *Table
	line    *line
	changed func()
	gates   []*gate
	doomed  []*gate // of gates: released, their sender dead, this stream not yet at its end
	plain   atomic.Bool

	held     []*item // stopped by a gate, in order
	late     []*item // waiting to be overtaken; due is the time limit
	flight   queue
	out      []*item // popped and not yet done
	num      uint64
	turn     uint64
	clock    Moments
	last     time.Duration // due time of the last in order
	backlog  int           // bytes in held, late and flight
	finished bool
	lossy    bool // a cut lost something of it
	broken   bool // it lost something, and the cut is over
}

// Open adds a stream on the line from → to. changed, which may be nil, is called
// without locks whenever someone else's doing (a rule, a release) may have
// changed what Next, Pop or Broken answer; it must not block.
func (t *Table) Open(from, to string, changed func()) *Stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &Stream{t: t, line: t.line(from, to), changed: changed}
	for _, g := range t.gates {
		if g.From == from {
			s.gates = append(s.gates, g)
		}
	}
	s.line.streams = append(s.line.streams, s)
	s.update()
	return s
}

// Close forgets the stream and what is in it. Twice does no harm.
func (s *Stream) Close() {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if i := slices.Index(s.line.streams, s); i >= 0 {
		s.line.streams = slices.Delete(s.line.streams, i, i+1)
	}
	s.held, s.late, s.flight, s.out, s.backlog = nil, nil, nil, nil, 0
	s.finished = true
	s.plain.Store(false)
}

// Reset is Close for a connection that a fault reset, and counts it.
func (s *Stream) Reset() {
	s.line.count.resets.Add(1)
	s.Close()
}

// Plain reports that there is neither rule nor trigger nor anything on its way:
// what comes may be handed on at once, without Send, and be told to Count.
func (s *Stream) Plain() bool { return s.plain.Load() }

// Count counts messages that were handed on while the stream was Plain.
func (s *Stream) Count(messages, bytes int) {
	s.line.count.passed.Add(int64(messages))
	s.line.count.bytes.Add(int64(bytes))
}

// Cut reports whether a rule cuts the line now.
func (s *Stream) Cut() bool {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.line.cut
}

// Broken reports that a cut, now over, lost something of this stream: its
// connection must be reset. All that is sent on it is lost, too.
func (s *Stream) Broken() bool {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.broken
}

// Sever says that a cut came in between while so many messages were being handed
// on: they are lost, or a part of them is.
func (s *Stream) Sever(messages int) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	s.line.count.cut.Add(int64(max(messages, 1)))
	s.lossy = true
	s.update()
}

// Backlog is how many bytes wait in the stream.
func (s *Stream) Backlog() int {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.backlog
}

// Send puts a message into the stream at time now.
func (s *Stream) Send(f Frame, kind Kind, now time.Duration) {
	call(s.enter(&item{frame: f, kind: kind}, now))
}

// Finish says that the sender has closed the connection. f comes out behind
// everything else; no rule but a cut can lose it, and it is not counted. It
// reports false if the stream was finished already, and then does nothing.
func (s *Stream) Finish(f Frame, now time.Duration) bool {
	it := &item{frame: f, kind: end}
	call(s.enter(it, now))
	return it.num > 0
}

func (s *Stream) enter(it *item, now time.Duration) (fires []func()) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.finished {
		return nil
	}
	s.num++
	it.num, it.moment = s.num, s.clock.Of(now)
	for _, g := range s.gates {
		if g.see(s, it) {
			fires = append(fires, g.fire)
		}
	}
	s.held = append(s.held, it)
	s.backlog += it.frame.Size()
	if it.kind == end {
		s.finished = true
		s.forfeit(s.doomed)
	}
	s.drain(now)
	s.update()
	return fires
}

// drain lets go what no gate holds, in order.
func (s *Stream) drain(now time.Duration) {
	for len(s.held) > 0 {
		it := s.held[0]
		if slices.ContainsFunc(s.gates, func(g *gate) bool { return g.holds(s, it) }) {
			return
		}
		s.held = slices.Delete(s.held, 0, 1) // room for the next; it is short
		s.dispatch(it, now)
	}
}

// dispatch gives a message its fate.
func (s *Stream) dispatch(it *item, now time.Duration) {
	s.backlog -= it.frame.Size()
	count := &s.line.count
	f := fate{copies: 1}
	if it.kind != end {
		f = s.line.draw(it.kind, s.t.byTime, it.moment)
		if fated, is := it.frame.(Fated); is {
			f.follow(fated, s.line)
		}
	}
	switch {
	case s.line.cut || s.broken:
		s.lossy = true
		if it.kind != end {
			count.cut.Add(1)
		}
		s.miss(it)
		return
	case it.kind == end:
		for len(s.late) > 0 {
			s.catchUp(0, s.last)
		}
		s.launch(it, max(now, s.last))
		return
	case f.drop:
		count.dropped.Add(1)
		s.miss(it)
		return
	}
	if f.wait > 0 {
		count.delayed.Add(1)
	}
	if it.kind == Raw && s.line.actsOnMessages() {
		count.unframed.Add(1)
	}
	for _, g := range s.gates {
		if g.let(s, it) {
			it.gates = append(it.gates, g)
		}
	}
	s.last = max(s.last, s.line.through(now, it.frame.Size())+f.wait)
	for i, by := range f.overtake[:f.copies] {
		if i > 0 {
			count.duplicated.Add(1)
			it = &item{frame: it.frame, kind: it.kind, num: it.num}
		}
		if by > 0 {
			s.delay(it, by)
		} else {
			s.launch(it, s.last)
			s.overtake(it)
		}
	}
}

func (s *Stream) miss(it *item) {
	for _, g := range s.gates {
		g.missed(s, it)
	}
}

// update keeps plain and broken in step with the rest.
func (s *Stream) update() {
	if s.lossy && !s.line.cut {
		s.broken = true
	}
	s.plain.Store(len(s.line.holds) == 0 && len(s.gates) == 0 && !s.finished && !s.lossy &&
		len(s.held) == 0 && len(s.late) == 0 && len(s.flight) == 0 && len(s.out) == 0)
}
