package wire

import (
	"sync"
	"sync/atomic"
	"time"

	"groupy/nemesis/link"
)

// maxQueue is how many bytes may wait on one link. What comes beyond is dropped,
// as by a router, and counted: a frozen node must not fill the harness's memory.
const maxQueue = 4 << 20

// lane is the directed link between two nodes. What passes freely is handed on by
// who reads the sender's device; what has to wait goes through a stream to a
// goroutine of its own.
type lane struct {
	w        *Wire
	from, to int
	pair     *pair

	// mu is held while a packet is handed on, so that a rule that was set is one
	// that holds.
	mu sync.Mutex
	// stream takes what is sent; one before it may still hand on what it has.
	stream *link.Stream
	before []*link.Stream
	popped []link.Frame
	pump   sync.Once
	wake   chan struct{}

	resets, overrun, refused atomic.Int64
}

// pair is what the two directions between two nodes share.
type pair struct {
	mu    sync.Mutex
	flows flows
}

// frame is a packet in a stream.
type frame []byte

// Bytes is what the packet carries for a program.
func (f frame) Bytes() []byte { return payload(f) }

// Size is that of the whole packet.
func (f frame) Size() int { return len(f) }

// end is the end of a dead sender's stream.
type end struct{}

// Bytes is nil: an end has no text.
func (end) Bytes() []byte { return nil }

// Size is 0.
func (end) Size() int { return 0 }

func newLane(w *Wire, from, to int, p *pair) *lane {
	l := &lane{w: w, from: from, to: to, pair: p, wake: make(chan struct{}, 1)}
	l.stream = l.open()
	return l
}

func (l *lane) open() *link.Stream {
	return l.w.table.Open(l.w.ports[l.from].Name, l.w.ports[l.to].Name, l.kick)
}

// kick has the pump look at the streams. It never blocks.
func (l *lane) kick() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// barrier returns when nobody is handing on a packet that was let go before.
func (l *lane) barrier() {
	l.mu.Lock()
	defer l.mu.Unlock()
}

// take carries a packet, now or later.
func (l *lane) take(packet []byte) {
	if !l.known(packet) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stream.Plain() && len(l.before) == 0 {
		if l.hand(packet) {
			l.stream.Count(1, len(packet))
		}
		return
	}
	l.mend()
	if l.stream.Backlog()+len(packet) > maxQueue {
		l.overrun.Add(1)
		return
	}
	l.stream.Send(frame(append([]byte(nil), packet...)), link.Whole, l.w.now())
	l.pump.Do(func() { l.w.wg.Go(l.run) })
	l.kick()
}

// known takes note of the packet's connection, and reports whether it may be
// carried: one that was reset may not, and its sender is told again.
func (l *lane) known(packet []byte) bool {
	s, ok := parseTCP(packet)
	if !ok {
		return true
	}
	l.pair.mu.Lock()
	carry, answer := l.pair.flows.see(s)
	l.pair.mu.Unlock()
	if answer != nil {
		l.w.forged(answer)
	}
	return carry
}

// hand hands a packet on.
func (l *lane) hand(packet []byte) bool {
	if l.w.ports[l.from].device.Load() == nil || !l.w.deliver(l.to, packet) {
		l.refused.Add(1)
		return false
	}
	return true
}

// mend replaces a stream that a cut, now over, has made lossy: packets know
// nothing of one another.
func (l *lane) mend() {
	if l.stream.Broken() {
		l.stream.Close()
		l.stream = l.open()
	}
}

// finish says that the sender has died. What is on its way still arrives, but for
// what a trigger holds. Called with mu held, as reopen is, which must follow.
func (l *lane) finish() {
	l.stream.Finish(end{}, l.w.now())
	l.before = append(l.before, l.stream)
}

// reopen takes what is sent from now on for another sender's.
func (l *lane) reopen() {
	l.stream = l.open()
	l.pump.Do(func() { l.w.wg.Go(l.run) })
	l.kick()
}

// run hands on what is due until the wire is closed.
func (l *lane) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if wait, any := l.carry(); any {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-l.wake:
		case <-due:
		case <-l.w.done:
			return
		}
	}
}

// carry hands on what is due now, and says in what time there is more.
func (l *lane) carry() (wait time.Duration, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mend()
	now := l.w.now()
	for len(l.before) > 0 && l.empty(l.before[0], now) {
		l.before[0].Close()
		l.before = l.before[1:]
	}
	if len(l.before) == 0 {
		l.empty(l.stream, now)
	}
	first := l.stream
	if len(l.before) > 0 {
		first = l.before[0]
	}
	at, more := first.Next()
	return at - now, more
}

// empty hands on what is due of a stream, and reports whether it has ended.
func (l *lane) empty(s *link.Stream, now time.Duration) (ended bool) {
	l.popped = s.Pop(l.popped[:0], now)
	for _, f := range l.popped {
		switch f := f.(type) {
		case frame:
			l.hand(f)
		case end:
			ended = true
		}
	}
	s.Done(true) // sent, whatever the receiver's device makes of it
	clear(l.popped)
	return ended
}
