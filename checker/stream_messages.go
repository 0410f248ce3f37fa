package checker

import (
	"slices"

	"groupy/checker/history"
)

func (s *stream) invoke(e *history.Event) {
	if e.F == "join" || e.F == "leave" {
		s.b.add(e)
		return
	}
	t := s.b.t
	t.count(e)
	c := call{f: e.F, member: s.b.caller(e), msg: none, op: none}
	if e.F == "multicast" {
		s.ask(e, &c, messageID(e.Value), none)
	} else if c.op = t.ops.invoke(e); e.Msg != "" {
		if t.finalAt != none {
			s.suspect("an operation for a probe")
		}
		s.ask(e, &c, e.Msg, carried(c.op))
	}
	s.b.calls[e.Process] = c
}

// ask puts the message of a call on its way. That of an operation counts as one when
// somebody delivers it: what nobody delivers was answered without a message.
func (s *stream) ask(e *history.Event, c *call, name string, op int32) {
	t, member := s.b.t, c.member
	if s.flights[name] != nil || s.retired.has(name) {
		s.suspect("a message that is multicast again")
		return
	}
	f := s.newFlight()
	f.name, f.sender, f.invokedAt, f.op = name, member, e.Index, op
	if member != none {
		q := s.seat(member)
		f.cursor = q.delivered
		q.asked = append(q.asked, f)
	}
	if t.inFinal() {
		s.probes[member]++
	}
	if f.op == none {
		s.counts(f)
	}
	s.flights[name] = f
	s.open[e.Process] = f
}

// counts takes a message for one that may take effect.
func (s *stream) counts(f *flight) {
	s.b.t.stats.Messages++
	if f.sender != none && !f.failed {
		s.seats[f.sender].sent++
	}
}

func (s *stream) newFlight() *flight {
	n := len(s.free)
	if n == 0 {
		return &flight{}
	}
	f := s.free[n-1]
	s.free = s.free[:n-1]
	*f = flight{sentIn: f.sentIn[:0]}
	return f
}

func (s *stream) complete(e *history.Event, f *flight) {
	f.closed = true
	switch e.Type {
	case history.OK:
		if f.skipped && f.op == none {
			s.suspect("an acknowledged message that was skipped")
		}
		f.acked = true
		if f.placed {
			s.acknowledge(f)
		} else if f.op == none {
			s.acknowledge(f)
			s.unplaced++
		}
	case history.Fail:
		if f.placed && f.op == none { // an operation may well fail when it is done
			s.suspect("a message that fails after it was delivered")
		}
		f.failed = true
		if f.sender != none && (f.placed || f.op == none) {
			s.seats[f.sender].sent--
		}
		if f.own {
			s.seats[f.sender].own--
		}
	}
	s.retire(f)
}

// acknowledge counts an acknowledged message, also for members that came after it was
// asked for.
func (s *stream) acknowledge(f *flight) {
	s.acked++
	for i := len(s.joined) - 1; i >= 0 && s.b.t.members[s.joined[i]].firstInstall() > f.invokedAt; i-- {
		s.seats[s.joined[i]].ackedBefore++
	}
}

func (s *stream) send(e *history.Event, by int32) {
	s.sendsSeen++
	f := s.flights[e.Msg]
	if f == nil {
		s.suspect("a message that is sent before it was asked for, or long after")
		return
	}
	if len(f.sentIn) == 0 {
		f.sentAt, f.sentBy = e.Index, by
	}
	if !slices.Contains(f.sentIn, e.View) {
		f.sentIn = append(f.sentIn, e.View)
	}
}

// judgeSends compares a message's deliveries with its sends, once all are known: a
// send may be seen after the first deliveries.
func (s *stream) judgeSends(f *flight) {
	if f.got == 0 || len(f.sentIn) == 0 {
		return
	}
	s.sends.evidence += f.got
	if slices.Contains(f.sentIn, f.in.name) {
		return
	}
	s.sends.broken(f.gotAt, func() (string, []Witness) {
		t := s.b.t
		return t.strays(stray{f.name, t.name(int(f.sentBy)), f.sentIn[0], f.sentAt, t.name(int(f.gotBy)), f.in.name, f.gotAt})
	})
	s.sends.count += f.got - 1
}

func (s *stream) deliver(e *history.Event) {
	id := s.b.memberID(e.Member)
	s.b.observed(id)
	q := s.seat(id)
	l := q.link
	if l == nil || e.View != "" && e.View != l.name || q.out || q.done < l.base {
		s.suspect("a delivery outside the member's view")
		return
	}
	var f *flight
	if at := q.done - l.base; at < len(l.row) {
		if f = l.row[at]; f.name != e.Msg {
			s.suspect("a delivery in another order")
			return
		}
	} else if f = s.place(l, e.Msg); f == nil {
		return
	}
	q.done++
	q.delivered++
	s.compare(e, l, f, id)
	if !q.gone {
		f.due--
	}
	if f.due == 0 {
		s.trim(l)
	}
}

// place puts a message at the end of a view's row; nil if it does not belong there.
func (s *stream) place(l *link, name string) *flight {
	f := s.flights[name]
	switch {
	case f == nil:
		s.suspect("a message that nobody multicast, or delivered long ago")
		return nil
	case f.placed || f.failed && f.op == none || f.skipped || l.movers > 0:
		s.suspect("a message out of its place")
		return nil
	case l.index+1 < len(s.chain) && f.invokedAt > s.chain[l.index+1].firstAt:
		s.suspect("a message asked for in a later view")
		return nil
	}
	f.placed, f.in, f.due = true, l, len(l.present)
	s.placed++
	switch {
	case f.op != none:
		s.b.t.ops.delivered(f.op)
		s.counts(f)
		if f.acked {
			s.acknowledge(f)
		}
	case f.acked:
		s.unplaced--
	}
	l.row = append(l.row, f)
	if f.sender != none {
		s.inTurn(f)
	}
	return f
}

// inTurn takes a placed message off its sender's queue; those before it are
// skipped, which is right for none that is ever acknowledged or delivered.
func (s *stream) inTurn(f *flight) {
	q := &s.seats[f.sender]
	for q.asked[0] != f {
		x := q.asked[0]
		q.asked = q.asked[1:]
		if x.acked && x.op == none {
			s.suspect("an acknowledged message that was skipped")
		}
		x.skipped = true
		s.retire(x)
	}
	q.asked = q.asked[1:]
}

// compare counts what the delivery of f by a member proves.
func (s *stream) compare(e *history.Event, l *link, f *flight, id int32) {
	if f.got++; f.got == 1 {
		f.gotAt, f.gotBy = e.Index, id
	}
	s.compareSender(e.Sender, f)
	switch {
	case e.State == "":
	case f.state == "":
		f.state = e.State
	default:
		s.states++
		if f.state != e.State {
			s.suspect("another state")
		}
	}
	if f.sender == none {
		return
	}
	q := &s.seats[id]
	if f.sender == id && !f.failed {
		f.own = true
		q.own++
	}
	for int(f.sender) >= len(q.heard) {
		q.heard = append(q.heard, 0)
	}
	if q.heard[f.sender] == 1 {
		s.fifo++
		s.past++
		return
	}
	q.heard[f.sender] = 1
	if s.shares(q, f) {
		s.past++
	}
}

// shares reports whether the sender of f, when it was asked, had delivered anything
// that the member in seat q delivers.
func (s *stream) shares(q *seat, f *flight) bool {
	sender := &s.b.t.members[f.sender]
	if f.cursor == 0 {
		return false
	}
	i := q.first - s.seats[f.sender].first // its install of q's first view
	switch {
	case i <= 0:
		return true
	case i >= len(sender.installs):
		return false
	}
	return f.cursor > sender.installs[i].before
}

// compareSender holds the sender that a delivery of f names against the member that
// was asked or, where nobody knows it, against the other deliveries.
func (s *stream) compareSender(named string, f *flight) {
	if named == "" {
		return
	}
	s.senders++
	switch {
	case f.sender != none:
		f.named = s.b.t.members[f.sender].name
	case f.named == "":
		f.named = named
	}
	if !s.b.t.sameSender(f.named, named) {
		s.suspect("another sender")
	}
}
