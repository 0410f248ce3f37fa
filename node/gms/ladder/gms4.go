package ladder

import "groupy/node/gms"

// gms4 adds the repair of lost casts: a slave that sees a number above the
// expected one asks its leader for the missing range (a negative
// acknowledgement), again and again until it is answered; the leader sends it
// from a bounded history, which every member keeps, so that a new leader goes on
// serving it. It breaks under wrong suspicion and split brain, as gms3, and
// under outages longer than the history. The last cast of all, if lost, is not
// missed before the next one comes.

// defaultHistory is how many casts a member keeps for resending unless
// Config.History says otherwise.
const defaultHistory = 1000

const timerNack = "nack"

func NewGMS4(c gms.Config) gms.Core {
	g := NewGMS2(c).(*group)
	o := &repaired{numbered: numbered{g: g, next: 1}, limit: c.History}
	if o.limit <= 0 {
		o.limit = defaultHistory
	}
	if g.mutant(shortHistory) {
		o.limit = 1
	}
	g.order = o
	return g
}

// repaired is the order of gms4.
type repaired struct {
	numbered
	limit   int
	history []cast // the last ones taken; invariant: numbered without gaps up to next-1
	missing uint64 // the number at which the gap being asked for begins, or 0
}

func (o *repaired) taken(c cast) {
	o.numbered.taken(c)
	if o.history = append(o.history, c); len(o.history) > o.limit {
		o.history[0] = cast{} // for the garbage collector
		o.history = o.history[1:]
	}
}

// takeover goes on serving what this member has taken.
func (o *repaired) takeover() {
	o.numbered.takeover()
	if o.g.mutant(forgetHistory) {
		o.history = nil
	}
}

// waits sees a gap open, and asks for it.
func (o *repaired) waits(c cast) {
	if o.g.mutant(deliverTwice) && c.Type == kindMsg {
		o.g.deliver(c)
	}
	if c.N <= o.next || o.missing == o.next {
		return
	}
	to, ok := o.gap()
	if !ok || to < o.next {
		return
	}
	o.missing = o.next
	o.g.logf("gap on %s, expect=%d got=%d -> NACK %d..%d", c.Type, o.next, c.N, o.next, to)
	o.ask(to)
}

// gap gives the number before the lowest that waits, and false if none does.
// It is below next if the one expected is here but cannot be taken: a view of a
// leader whose turn has not come.
func (o *repaired) gap() (to uint64, ok bool) {
	for _, l := range o.g.box.letters {
		if c, isCast := l.message.(cast); isCast && c.N >= o.next && (!ok || c.N-1 < to) {
			to, ok = c.N-1, true
		}
	}
	return to, ok
}

func (o *repaired) ask(to uint64) {
	o.g.send(o.g.members[0], nack{Type: kindNack, From: o.next, To: to})
	if !o.g.mutant(nackOnce) {
		o.g.emit(gms.SetTimer{ID: timerNack, After: o.g.cfg.Heartbeat})
	}
}

// timer asks again while anything waits: the request, or its answer, may have
// been lost, or the next gap has come into sight behind the first.
func (o *repaired) timer(id string) {
	if id != timerNack || o.g.phase != following {
		return
	}
	if to, ok := o.gap(); ok {
		o.missing = o.next
		o.ask(max(to, o.next))
	}
}

// asked serves a slave from the history. What is no longer there cannot be
// helped.
func (o *repaired) asked(from string, m nack) {
	sent := 0
	for _, c := range o.history {
		if c.N >= m.From && c.N <= m.To {
			o.g.send(from, c)
			sent++
		}
	}
	if sent > 0 {
		o.g.logf("resends %d of %d..%d to %s", sent, m.From, m.To, from)
	}
}

func (o *repaired) reset() {
	o.numbered.reset()
	o.history, o.missing = nil, 0
}
