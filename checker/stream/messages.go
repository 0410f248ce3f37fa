package stream

import (
	"slices"

	"groupy/checker/history"
	"groupy/checker/multicast"
	"groupy/checker/report"
	"groupy/checker/trace"
)

func (s *Stream) invoke(e *history.Event) {
	if e.F == "join" || e.F == "leave" {
		s.b.Add(e)
		return
	}
	t := s.b.T
	t.Count(e)
	c := trace.Call{F: e.F, Member: s.b.Caller(e), Msg: trace.None, Op: trace.None}
	if e.F == "multicast" {
		s.ask(e, &c, messageID(e.Value), trace.None)
	} else if c.Op = t.Ops.Invoke(e); e.Msg != "" {
		if t.FinalAt != trace.None {
			s.suspect("an operation for a probe")
		}
		s.ask(e, &c, e.Msg, trace.Carried(c.Op))
	}
	s.b.Calls[e.Process] = c
}

// ask puts the message of a call on its way. That of an operation counts as one when
// somebody delivers it: what nobody delivers was answered without a message.
func (s *Stream) ask(e *history.Event, c *trace.Call, name string, op int32) {
	t, member := s.b.T, c.Member
	if s.flights[name] != nil || s.retired.has(name) {
		s.suspect("a message that is multicast again")
		return
	}
	f := s.newFlight()
	f.name, f.sender, f.invokedAt, f.op = name, member, e.Index, op
	if member != trace.None {
		q := s.seat(member)
		f.cursor = q.delivered
		q.asked = append(q.asked, f)
	}
	if t.InFinal() {
		s.probes[member]++
	}
	if f.op == trace.None {
		s.counts(f)
	}
	s.flights[name] = f
	s.open[e.Process] = f
}

// counts takes a message for one that may take effect.
func (s *Stream) counts(f *flight) {
	s.b.T.Stats.Messages++
	if f.sender != trace.None && !f.failed {
		s.seats[f.sender].sent++
	}
}

func (s *Stream) newFlight() *flight {
	n := len(s.free)
	if n == 0 {
		return &flight{}
	}
	f := s.free[n-1]
	s.free = s.free[:n-1]
	*f = flight{sentIn: f.sentIn[:0]}
	return f
}

func (s *Stream) complete(e *history.Event, f *flight) {
	f.closed = true
	switch e.Type {
	case history.OK:
		if f.skipped && f.op == trace.None {
			s.suspect("an acknowledged message that was skipped")
		}
		f.acked = true
		if f.placed {
			s.acknowledge(f)
		} else if f.op == trace.None {
			s.acknowledge(f)
			s.unplaced++
		}
	case history.Fail:
		if f.placed && f.op == trace.None { // an operation may well fail when it is done
			s.suspect("a message that fails after it was delivered")
		}
		f.failed = true
		if f.sender != trace.None && (f.placed || f.op == trace.None) {
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
func (s *Stream) acknowledge(f *flight) {
	s.acked++
	for i := len(s.joined) - 1; i >= 0 && s.b.T.Members[s.joined[i]].FirstInstall() > f.invokedAt; i-- {
		s.seats[s.joined[i]].ackedBefore++
	}
}

func (s *Stream) send(e *history.Event, by int32) {
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
func (s *Stream) judgeSends(f *flight) {
	if f.got == 0 || len(f.sentIn) == 0 {
		return
	}
	s.sends.Evidence += f.got
	if slices.Contains(f.sentIn, f.in.name) {
		return
	}
	s.sends.Broken(f.gotAt, func() (string, []report.Witness) {
		t := s.b.T
		return multicast.Strays(t, multicast.Stray{
			Msg: f.name, Sender: t.Name(int(f.sentBy)), Sent: f.sentIn[0], SentAt: f.sentAt,
			By: t.Name(int(f.gotBy)), View: f.in.name, At: f.gotAt,
		})
	})
	s.sends.Count += f.got - 1
}

func (s *Stream) deliver(e *history.Event) {
	id := s.b.MemberID(e.Member)
	s.b.Observed(id)
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
func (s *Stream) place(l *link, name string) *flight {
	f := s.flights[name]
	switch {
	case f == nil:
		s.suspect("a message that nobody multicast, or delivered long ago")
		return nil
	case f.placed || f.failed && f.op == trace.None || f.skipped || l.movers > 0:
		s.suspect("a message out of its place")
		return nil
	case l.index+1 < len(s.chain) && f.invokedAt > s.chain[l.index+1].firstAt:
		s.suspect("a message asked for in a later view")
		return nil
	}
	f.placed, f.in, f.due = true, l, len(l.present)
	s.placed++
	switch {
	case f.op != trace.None:
		s.b.T.Ops.Delivered(f.op)
		s.counts(f)
		if f.acked {
			s.acknowledge(f)
		}
	case f.acked:
		s.unplaced--
	}
	l.row = append(l.row, f)
	if f.sender != trace.None {
		s.inTurn(f)
	}
	return f
}

// inTurn takes a placed message off its sender's queue; those before it are
// skipped, which is right for none that is ever acknowledged or delivered.
func (s *Stream) inTurn(f *flight) {
	q := &s.seats[f.sender]
	for q.asked[0] != f {
		x := q.asked[0]
		q.asked = q.asked[1:]
		if x.acked && x.op == trace.None {
			s.suspect("an acknowledged message that was skipped")
		}
		x.skipped = true
		s.retire(x)
	}
	q.asked = q.asked[1:]
}

// compare counts what the delivery of f by a member proves.
func (s *Stream) compare(e *history.Event, l *link, f *flight, id int32) {
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
	if f.sender == trace.None {
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
func (s *Stream) shares(q *seat, f *flight) bool {
	sender := &s.b.T.Members[f.sender]
	if f.cursor == 0 {
		return false
	}
	i := q.first - s.seats[f.sender].first // its install of q's first view
	switch {
	case i <= 0:
		return true
	case i >= len(sender.Installs):
		return false
	}
	return f.cursor > sender.Installs[i].Before
}

// compareSender holds the sender that a delivery of f names against the member that
// was asked or, where nobody knows it, against the other deliveries.
func (s *Stream) compareSender(named string, f *flight) {
	if named == "" {
		return
	}
	s.senders++
	switch {
	case f.sender != trace.None:
		f.named = s.b.T.Members[f.sender].Name
	case f.named == "":
		f.named = named
	}
	if !s.b.T.SameSender(f.named, named) {
		s.suspect("another sender")
	}
}
