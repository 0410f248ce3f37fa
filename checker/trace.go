package checker

import (
	"groupy/checker/history"
	"groupy/checker/linear"
)

// trace is a history in dense form: members, views and messages are numbered from
// 0 in the order of their first appearance, events are known by their index in the
// history. none stands for no number, no index.
type trace struct {
	members []member
	views   []view
	msgs    []message
	lists   [][]int32 // of members: what views were said to hold
	sends   []sending
	takeUps []takeUp // sessions of members that go on as what they were
	senders []string // that deliveries name
	states  []string

	askedAgain []asking // invocations of messages that were asked for before
	bare       bool     // the harness wrote the incarnations of the names that deliveries have

	ops    *operations // that the model has
	search linear.Searcher
	draw   func(*linear.Picture)
	lines  func(int64) int // nil: an event's index and lineOffset tell

	anyStart   bool
	faulted    bool  // some fault began
	healedAt   int64 // phase heal
	finalAt    int64 // phase final
	endAt      int64 // phase end: what comes after is the harness's tidying up
	lineOffset int64 // a line's number less its event's index
	grows      bool  // the history goes on: what its next events may put right is no violation
	stats      Stats
	// lost says that the history lacks something that a member did, nil if it does not.
	lost *Reason
	// unjudgeable says why liveness cannot be judged, nil if it can.
	unjudgeable *Reason
}

const none = -1

// member is one incarnation of a node. A member that is only named in a view's
// list, or as a sender, has no events.
type member struct {
	name, node string

	installs []install
	log      []delivery // in line order, duplicates included
	odd      []int32    // indexes into log: deliveries that name another view than the current one
	sent     []int32    // messages it was asked to multicast, in line order
	marks    []mark     // starts and evicts, in line order
	record   point      // in log and installs: what it did since it was last out is behind it
	seen     bool       // it has an event of its own

	startedAt int64 // last start
	stoppedAt int64 // a stop after the last start, before the end
	evictedAt int64 // an evict after the last start, before the end
	leftAt    int64 // a leave that succeeded after the last start, before the end
	joinAt    int64 // first time it was asked to join
}

type install struct {
	at      int64
	view    int32
	list    int32 // index into lists
	before  int32 // how many deliveries the member had made before
	primary bool
}

type delivery struct {
	at     int64
	msg    int32
	view   int32 // in which it says that it was delivered; where it does not, the current one
	during int32 // index of the current install, none before the first
	sender int32 // number of the name that it gives for the sender, none without
	state  int32 // number of the reported state, none without
	again  bool  // the member has delivered the message before
}

type view struct {
	name    string
	firstAt int64 // first install by anyone
}

type message struct {
	name      string
	sender    int32 // the member that was asked; none if nobody was, or unknown
	pos       int32 // its place among the sender's messages
	invokedAt int64
	ackedAt   int64
	failedAt  int64 // all its multicasts failed
	refused   bool  // the first of them failed, the one of its sender
	probe     bool  // multicast in final
	delivered bool  // by anybody
	op        int32 // number of the operation that it carries, or unmodelled; none

	invokes, fails int32
}

// sending is a send event.
type sending struct {
	at          int64
	member, msg int32
	view        int32
}

// asking is an invocation.
type asking struct {
	at          int64
	msg, member int32 // none: nobody knows of whom
}

// mark is a start or an evict of a member.
type mark struct {
	at    int64
	evict bool
}

// current is the name of the view that the member has installed last when it makes
// the delivery, none before the first.
func (m *member) current(d *delivery) int32 {
	if d.during == none {
		return none
	}
	return m.installs[d.during].view
}

// firstInstall is the index of the member's first view event, none without.
func (m *member) firstInstall() int64 {
	if len(m.installs) == 0 {
		return none
	}
	return m.installs[0].at
}

// evictedBefore gives the evict that holds at an event's index: the last one
// before it, if no start came after.
func (m *member) evictedBefore(at int64) int64 {
	found := int64(none)
	for _, k := range m.marks {
		if k.at >= at {
			break
		}
		if found = none; k.evict {
			found = k.at
		}
	}
	return found
}

// live reports whether the member lives at the end: no stop, no evict and no
// successful leave after its last start.
func (t *trace) live(m *member) bool {
	return t.lived(m) && m.stoppedAt == none && m.evictedAt == none && m.leftAt == none
}

// lived reports whether the member was ever alive. Where anybody has a start event,
// who has none was not; else a name that only others use tells nothing.
func (t *trace) lived(m *member) bool {
	if t.anyStart {
		return m.startedAt != none
	}
	return m.seen
}

// eachPosition calls f for each member q with where q first delivered each
// message: an index into q's log, none for a message that it did not deliver. The
// slice is the same each time.
func (t *trace) eachPosition(f func(q int, pos []int32)) {
	pos := make([]int32, len(t.msgs))
	for i := range pos {
		pos[i] = none
	}
	for q := range t.members {
		for i := range t.members[q].log {
			if d := &t.members[q].log[i]; !d.again {
				pos[d.msg] = int32(i)
			}
		}
		f(q, pos)
		for i := range t.members[q].log {
			pos[t.members[q].log[i].msg] = none
		}
	}
}

// first collects the members' logs of first deliveries, as messages.
func (t *trace) first() [][]int32 {
	logs := make([][]int32, len(t.members))
	for q := range t.members {
		for i := range t.members[q].log {
			if d := &t.members[q].log[i]; !d.again {
				logs[q] = append(logs[q], d.msg)
			}
		}
	}
	return logs
}

// line is an event's line in the file that the history was taken from.
func (t *trace) line(at int64) int {
	if t.lines != nil {
		return t.lines(at)
	}
	return int(at + t.lineOffset)
}

func (t *trace) count(e *history.Event) {
	t.stats.Events++
	switch e.Type {
	case history.View:
		t.stats.Installs++
	case history.Deliver:
		t.stats.Deliveries++
	case history.Invoke, history.OK, history.Fail, history.Info:
		c := t.stats.Operations[e.F]
		switch e.Type {
		case history.Invoke:
			c.Invoke++
		case history.OK:
			c.OK++
		case history.Fail:
			c.Fail++
		default:
			c.Info++
		}
		t.stats.Operations[e.F] = c
	case history.Fault:
		c := t.stats.Faults[e.Fault]
		switch e.Phase {
		case history.FaultBegin:
			c.OK++
		case history.FaultSkip:
			c.Fail++
		}
		t.stats.Faults[e.Fault] = c
	}
}
