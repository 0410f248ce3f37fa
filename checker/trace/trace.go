package trace

import (
	"groupy/checker/history"
	"groupy/checker/report"
)

// Trace is a history in dense form: members, views and messages are numbered from
// 0 in the order of their first appearance, events are known by their index in the
// history. none stands for no number, no index.
type Trace struct {
	Members []Member
	Views   []view
	Msgs    []message
	Lists   [][]int32 // of members: what views were said to hold
	Sends   []sending
	TakeUps []TakeUp // sessions of members that go on as what they were
	Ends    []End    // of members' processes, in line order
	Senders []string // that deliveries name
	States  []string

	AskedAgain []Asking // invocations of messages that were asked for before
	bare       bool     // the harness wrote the incarnations of the names that deliveries have

	Ops   Operations
	lines func(int64) int // nil: an event's index and lineOffset tell

	AnyStart   bool
	faulted    bool  // some fault began
	healedAt   int64 // phase heal
	FinalAt    int64 // phase final
	EndAt      int64 // phase end: what comes after is the harness's tidying up
	LineOffset int64 // a line's number less its event's index
	Grows      bool  // the history goes on: what its next events may put right is no violation
	Stats      report.Stats
	// Lost says that the history lacks something that a member did, nil if it does not.
	Lost *report.Reason
	// Unjudgeable says why liveness cannot be judged, nil if it can.
	Unjudgeable *report.Reason
}

const None = -1

// Member is one incarnation of a node. A member that is only named in a view's
// list, or as a sender, has no events.
type Member struct {
	Name, node string

	Installs []Install
	Log      []Delivery // in line order, duplicates included
	Odd      []int32    // indexes into log: deliveries that name another view than the current one
	Sent     []int32    // messages it was asked to multicast, in line order
	Marks    []mark     // starts and evicts, in line order
	Record   Point      // in log and installs: what it did since it was last out is behind it
	Seen     bool       // it has an event of its own

	StartedAt int64 // last start
	StoppedAt int64 // a stop after the last start, before the end
	Fell      bool  // nobody asked for that stop, nor for another one since the last start
	EvictedAt int64 // an evict after the last start, before the end
	LeftAt    int64 // a leave that succeeded after the last start, before the end
	JoinAt    int64 // first time it was asked to join
}

type Install struct {
	At      int64
	View    int32
	List    int32 // index into lists
	Before  int32 // how many deliveries the member had made before
	Primary bool
}

type Delivery struct {
	At     int64
	Msg    int32
	View   int32 // in which it says that it was delivered; where it does not, the current one
	During int32 // index of the current install, none before the first
	Sender int32 // number of the name that it gives for the sender, none without
	State  int32 // number of the reported state, none without
	Again  bool  // the member has delivered the message before
}

type view struct {
	name    string
	FirstAt int64 // first install by anyone
}

type message struct {
	Name      string
	Sender    int32 // the member that was asked; none if nobody was, or unknown
	Pos       int32 // its place among the sender's messages
	InvokedAt int64
	AckedAt   int64
	FailedAt  int64 // all its multicasts failed
	Refused   bool  // the first of them failed, the one of its sender
	Probe     bool  // multicast in final
	delivered bool  // by anybody
	Op        int32 // number of the operation that it carries, or unmodelled; none

	invokes, fails int32
}

// sending is a send event.
type sending struct {
	At          int64
	Member, Msg int32
	View        int32
}

// Asking is an invocation.
type Asking struct {
	At          int64
	Msg, Member int32 // none: nobody knows of whom
}

// mark is a start or an evict of a member.
type mark struct {
	at    int64
	Evict bool
}

// Current is the name of the view that the member has installed last when it makes
// the delivery, none before the first.
func (m *Member) Current(d *Delivery) int32 {
	if d.During == None {
		return None
	}
	return m.Installs[d.During].View
}

// FirstInstall is the index of the member's first view event, none without.
func (m *Member) FirstInstall() int64 {
	if len(m.Installs) == 0 {
		return None
	}
	return m.Installs[0].At
}

// EvictedBefore gives the evict that holds at an event's index: the last one
// before it, if no start came after.
func (m *Member) EvictedBefore(at int64) int64 {
	found := int64(None)
	for _, k := range m.Marks {
		if k.at >= at {
			break
		}
		if found = None; k.Evict {
			found = k.at
		}
	}
	return found
}

// Live reports whether the member lives at the end: no stop, no evict and no
// successful leave after its last start.
func (t *Trace) Live(m *Member) bool {
	return t.lived(m) && m.StoppedAt == None && m.EvictedAt == None && m.LeftAt == None
}

// present reports whether the member would live at the end if it depended on the plan
// alone: what nobody asked for excuses nothing.
func (t *Trace) present(m *Member) bool {
	return t.running(m) && m.EvictedAt == None && m.LeftAt == None
}

// lived reports whether the member was ever alive. Where anybody has a start event,
// who has none was not; else a name that only others use tells nothing.
func (t *Trace) lived(m *Member) bool {
	if t.AnyStart {
		return m.StartedAt != None
	}
	return m.Seen
}

// EachPosition calls f for each member q with where q first delivered each
// message: an index into q's log, none for a message that it did not deliver. The
// slice is the same each time.
func (t *Trace) EachPosition(f func(q int, pos []int32)) {
	pos := make([]int32, len(t.Msgs))
	for i := range pos {
		pos[i] = None
	}
	for q := range t.Members {
		for i := range t.Members[q].Log {
			if d := &t.Members[q].Log[i]; !d.Again {
				pos[d.Msg] = int32(i)
			}
		}
		f(q, pos)
		for i := range t.Members[q].Log {
			pos[t.Members[q].Log[i].Msg] = None
		}
	}
}

// First collects the members' logs of first deliveries, as messages.
func (t *Trace) First() [][]int32 {
	logs := make([][]int32, len(t.Members))
	for q := range t.Members {
		for i := range t.Members[q].Log {
			if d := &t.Members[q].Log[i]; !d.Again {
				logs[q] = append(logs[q], d.Msg)
			}
		}
	}
	return logs
}

// Line is an event's line in the file that the history was taken from.
func (t *Trace) Line(at int64) int {
	if t.lines != nil {
		return t.lines(at)
	}
	return int(at + t.LineOffset)
}

func (t *Trace) Count(e *history.Event) {
	t.Stats.Events++
	switch e.Type {
	case history.View:
		t.Stats.Installs++
	case history.Deliver:
		t.Stats.Deliveries++
	case history.Invoke, history.OK, history.Fail, history.Info:
		c := t.Stats.Operations[e.F]
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
		t.Stats.Operations[e.F] = c
	case history.Fault:
		c := t.Stats.Faults[e.Fault]
		switch e.Phase {
		case history.FaultBegin:
			c.OK++
		case history.FaultSkip:
			c.Fail++
		}
		t.Stats.Faults[e.Fault] = c
	}
}

// SameSender compares two names for a sender.
func (t *Trace) SameSender(a, b string) bool {
	return a == b || t.bare && nodeOf(a) == nodeOf(b)
}

// Place names an event of a member: number i of its log or of its installs.
type Place struct{ Q, I int }

// InstallOf is the number of member q's first install of a view, None without.
func (t *Trace) InstallOf(q int, v int32) int {
	for i := range t.Members[q].Installs {
		if t.Members[q].Installs[i].View == v {
			return i
		}
	}
	return None
}
