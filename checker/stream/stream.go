package stream

import (
	"encoding/json"

	"groupy/checker/history"
	"groupy/checker/report"
	"groupy/checker/trace"
)

// Stream proves a history valid in one pass, or gives up. It knows the shape of a
// run in which nothing went wrong: primary views in one chain; in each view one
// row of messages, which every member of it delivers from the first on; who goes
// to the next view has delivered the whole row. All message properties hold in
// such a history, and their comparisons can be counted without being made one by
// one. Whatever does not fit is suspicious: the stream stops, and the trace of the
// whole history finds what it is, if it is anything.
//
// Memory holds the messages that somebody still owes or that are still open, the
// members, and a few bytes for each install; a message that all have delivered
// leaves no more than its place in retired.
type Stream struct {
	b       *trace.Builder // of all but the messages
	seats   []seat         // by member
	chain   []*link        // the views, in the order of their first installs
	links   map[string]*link
	flights map[string]*flight
	open    map[string]*flight // by process
	retired idSet
	free    []*flight
	joined  []int32 // members in the order of their first installs

	Suspicion string // "" while there is none

	acked, unplaced    int64          // messages acknowledged; of those, delivered by nobody
	placed             int64          // messages delivered by anyone
	sends              report.Finding // of sending-view-delivery, which few systems promise and most break
	sendsSeen          int64          // send events
	senders            int64          // deliveries that name one
	states, fifo, past int64          // evidence of state-agreement, fifo-order, causal-order
	probes             map[int32]int64
}

// seat is a member's place in the chain.
type seat struct {
	link        *link
	done        int   // deliveries in it
	delivered   int32 // in all
	first       int   // index of its first link
	gone        bool  // stopped or evicted: nobody waits for it
	out         bool  // evicted
	asked       []*flight
	sent, own   int64   // messages asked of it that may take effect; those that it delivered
	ackedBefore int64   // acknowledged messages asked for before its first install
	heard       []uint8 // by sender: it has delivered a message of that member
}

// link is a view in the chain and the row of messages delivered in it.
type link struct {
	name    string
	index   int
	list    int32
	firstAt int64
	row     []*flight // from number base on
	base    int
	present map[int32]bool // members that are to deliver the row
	movers  int64          // members that went on to the next view
}

func (l *link) length() int { return l.base + len(l.row) }

// flight is a message on its way.
type flight struct {
	name      string
	sender    int32
	cursor    int32 // deliveries of the sender when it was asked
	invokedAt int64
	closed    bool // its call has ended, or will not tell
	acked     bool
	failed    bool
	placed    bool  // in a row
	skipped   bool  // a later message of its sender was placed first
	own       bool  // its sender has delivered it
	op        int32 // number of the operation that it carries; none
	due       int   // members that still have to deliver it
	state     string
	named     string // its sender
	in        *link  // its row
	got       int64  // deliveries
	gotAt     int64  // the first of them
	gotBy     int32
	sentIn    []string // views
	sentAt    int64    // the first send
	sentBy    int32
}

func New(b *trace.Builder) *Stream {
	return &Stream{
		b: b, links: map[string]*link{}, flights: map[string]*flight{},
		open: map[string]*flight{}, retired: newIDSet(), probes: map[int32]int64{},
	}
}

func (s *Stream) suspect(why string) {
	if s.Suspicion == "" {
		s.Suspicion = why
	}
}

// Add takes the next event. After a suspicion it does nothing.
func (s *Stream) Add(e *history.Event) {
	if s.Suspicion != "" {
		return
	}
	t := s.b.T
	switch e.Type {
	case history.Deliver:
		t.Stats.Events++
		t.Stats.Deliveries++
		s.deliver(e)
	case history.Invoke:
		s.invoke(e)
	case history.OK, history.Fail, history.Info:
		f := s.open[e.Process]
		s.b.Add(e)
		if f != nil {
			delete(s.open, e.Process)
			s.complete(e, f)
		}
	case history.Send:
		t.Stats.Events++
		s.b.Own(e.Member)
		s.send(e, s.b.MemberID(e.Member))
	case history.View:
		s.install(e)
	case history.Start:
		id := s.b.MemberID(e.Member)
		if t.Members[id].StartedAt != trace.None || s.seat(id).link != nil || t.EndAt != trace.None {
			s.suspect("a member starts again")
		}
		s.b.Add(e)
	case history.Stop, history.Evict:
		s.b.Add(e)
		if ends := t.Ends; e.Type == history.Stop && ends[len(ends)-1].Wrong() {
			s.suspect("a member that ends unasked")
		}
		id := s.b.MemberID(e.Member)
		s.seat(id).out = s.seat(id).out || e.Type == history.Evict
		s.Leave(id)
	default:
		s.b.Add(e)
	}
	t.LineOffset = int64(e.Line) - e.Index
}

func (s *Stream) seat(id int32) *seat {
	for int(id) >= len(s.seats) {
		s.seats = append(s.seats, seat{})
	}
	return &s.seats[id]
}

// Leave takes a member out of those who owe anything.
func (s *Stream) Leave(id int32) {
	q := s.seat(id)
	if q.gone {
		return
	}
	q.gone = true
	for i := len(s.chain) - 1; i >= 0; i-- {
		l := s.chain[i]
		if l.present[id] {
			from := 0 // it may not have come to this view yet
			if q.link == l {
				from = q.done
			}
			s.release(l, id, from)
		}
		if q.link == l {
			break
		}
	}
}

// release says that the member will not deliver the row from number from on.
func (s *Stream) release(l *link, id int32, from int) {
	delete(l.present, id)
	for _, f := range l.row[max(0, from-l.base):] {
		f.due--
	}
	s.trim(l)
}

// trim takes the front of the row that nobody owes any more.
func (s *Stream) trim(l *link) {
	n := 0
	for n < len(l.row) && l.row[n].due == 0 {
		s.retire(l.row[n])
		n++
	}
	if n > 0 {
		l.row = l.row[n:]
		l.base += n
	}
}

// retire forgets a message that has nothing before it.
func (s *Stream) retire(f *flight) {
	if !f.closed || !f.skipped && (!f.placed || f.due > 0) {
		return
	}
	delete(s.flights, f.name)
	s.judgeSends(f)
	s.retired.Add(f.name)
	s.free = append(s.free, f)
}

func (s *Stream) install(e *history.Event) {
	switch {
	case !e.IsPrimary():
		s.suspect("a view that is not primary")
	case e.After != nil:
		s.suspect("a view that takes up what was before")
		return
	}
	s.b.Add(e)
	id := s.b.MemberID(e.Member)
	m := &s.b.T.Members[id]
	in := &m.Installs[len(m.Installs)-1]
	in.Before = s.seat(id).delivered
	l := s.links[e.View]
	if l == nil {
		l = s.newLink(e, in)
	}
	if !l.present[id] || l.list != in.List {
		s.suspect("a view whose list is another, or does not hold the member")
		return
	}
	q := s.seat(id)
	if old := q.link; old == nil {
		q.first, q.ackedBefore = l.index, s.acked
		s.joined = append(s.joined, id)
	} else {
		if l.index != old.index+1 || q.done != old.length() {
			s.suspect("a view that does not follow the one before")
		}
		old.movers++
		s.release(old, id, q.done)
	}
	q.link, q.done = l, 0
}

func (s *Stream) newLink(e *history.Event, in *trace.Install) *link {
	l := &link{name: e.View, index: len(s.chain), list: in.List, firstAt: e.Index, present: map[int32]bool{}}
	for _, id := range s.b.T.Lists[in.List] {
		if !s.seat(id).gone {
			l.present[id] = true
		} else if s.seat(id).out {
			s.suspect("a view that holds an evicted member")
		}
	}
	s.links[e.View] = l
	s.chain = append(s.chain, l)
	return l
}

// messageID gives the name that a multicast's value holds.
func messageID(value []byte) string {
	if n := len(value); n >= 2 && value[0] == '"' {
		for _, c := range value {
			if c == '\\' || c >= 0x80 {
				var id string
				_ = json.Unmarshal(value, &id) // the reader has let only strings through
				return id
			}
		}
		return string(value[1 : n-1])
	}
	return ""
}
