package trace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"groupy/checker/history"
	"groupy/checker/report"
)

// Builder turns events into a trace in one pass.
type Builder struct {
	T       *Trace
	members map[string]int32
	views   map[string]int32
	msgs    map[string]int32
	lists   map[string]int32
	senders map[string]int32
	states  map[string]int32
	// current is each node's current incarnation: the one started last, or in a
	// history without start events the one observed last.
	current map[string]int32
	Calls   map[string]Call // by process: its open invocation
	taking  map[int32]int32 // by member: the takeUp of which something is due, index into trace.takeUps
}

// Call is an open invocation.
type Call struct {
	F      string
	Member int32
	Msg    int32
	Op     int32 // its number among trace.ops, none
	first  bool  // it was the first to ask for its message
}

func NewBuilder(h *history.Header, ops Operations, lines func(int64) int) *Builder {
	return &Builder{
		T: &Trace{
			bare: h.BareMembers,
			Ops:  ops, lines: lines,
			healedAt: None, FinalAt: None, EndAt: None,
			Stats: report.Stats{Operations: map[string]report.Count{}, Faults: map[string]report.Count{}},
		},
		members: map[string]int32{},
		views:   map[string]int32{},
		msgs:    map[string]int32{},
		lists:   map[string]int32{},
		senders: map[string]int32{},
		states:  map[string]int32{},
		current: map[string]int32{},
		Calls:   map[string]Call{},
		taking:  map[int32]int32{},
	}
}

func Read(r *history.Reader, ops Operations, lines func(int64) int) (*Trace, error) {
	b := NewBuilder(r.Header(), ops, lines)
	for e, err := range r.Events() {
		if err != nil {
			return nil, err
		}
		b.Add(e)
	}
	return b.Finish(r.Truncated()), nil
}

func (b *Builder) Add(e *history.Event) {
	t := b.T
	t.LineOffset = int64(e.Line) - e.Index
	t.Count(e)
	switch e.Type {
	case history.Start:
		b.start(e)
	case history.Stop:
		b.stop(e)
	case history.Evict:
		m := b.Own(e.Member)
		m.Marks = append(m.Marks, mark{at: e.Index, Evict: true})
		if t.EndAt == None {
			m.EvictedAt = e.Index
			b.isOut(b.MemberID(e.Member))
		}
	case history.Block, history.Unblock:
		b.Own(e.Member)
	case history.Lost:
		if t.Lost == nil {
			t.Lost = &report.Reason{Code: report.LinesLost, Text: fmt.Sprintf("line %d: of what %s wrote something was not read: %s", t.Line(e.Index), e.Member, e.Reason)}
		}
	case history.View:
		b.install(e)
	case history.Deliver:
		b.deliver(e)
	case history.Send:
		b.Own(e.Member)
		t.Sends = append(t.Sends, sending{At: e.Index, Member: b.MemberID(e.Member), Msg: b.msgID(e.Msg), View: b.viewID(e.View)})
	case history.Invoke:
		b.invoke(e)
	case history.OK, history.Fail, history.Info:
		b.complete(e)
	case history.Fault:
		t.faulted = t.faulted || e.Phase == history.FaultBegin
		t.Ops.Fault(e)
	case history.Phase:
		b.phase(e)
	}
}

func (b *Builder) phase(e *history.Event) {
	for phase, at := range map[string]*int64{
		history.PhaseHeal: &b.T.healedAt, history.PhaseFinal: &b.T.FinalAt, history.PhaseEnd: &b.T.EndAt,
	} {
		if e.Phase == phase && *at == None {
			*at = e.Index
		}
	}
}

func (b *Builder) start(e *history.Event) {
	id := b.MemberID(e.Member)
	m := &b.T.Members[id]
	b.T.AnyStart = true
	m.Marks = append(m.Marks, mark{at: e.Index})
	if b.T.EndAt == None { // who starts after the end has no part in the run
		m.StartedAt, m.StoppedAt, m.EvictedAt, m.LeftAt, m.Fell = e.Index, None, None, None, false
	}
	b.begins(id, e.Index)
	if e.Node != "" {
		m.node = e.Node
	}
	b.current[m.node] = id
}

func (b *Builder) stop(e *history.Event) {
	end := endOf(e, b.MemberID(e.Member))
	b.T.Ends = append(b.T.Ends, end)
	if m := b.Own(e.Member); b.T.EndAt == None {
		m.Fell = end.Unasked() && (m.StoppedAt == None || m.Fell)
		m.StoppedAt = e.Index
	}
}

// Observed takes note of what a member did.
func (b *Builder) Observed(id int32) {
	b.T.Members[id].Seen = true
	if !b.T.AnyStart {
		b.current[b.T.Members[id].node] = id
	}
}

func (b *Builder) install(e *history.Event) {
	id := b.MemberID(e.Member)
	b.Observed(id)
	v, list := b.viewID(e.View), b.listID(e.Members)
	if b.T.Views[v].FirstAt == None {
		b.T.Views[v].FirstAt = e.Index
		b.T.Stats.Views++
	}
	m := &b.T.Members[id]
	in := Install{At: e.Index, View: v, List: list, Before: int32(len(m.Log)), Primary: e.IsPrimary()}
	if !b.installsAgain(e, id, in) {
		m.Installs = append(m.Installs, in)
	}
}

func (b *Builder) deliver(e *history.Event) {
	id := b.MemberID(e.Member)
	b.Observed(id)
	if b.deliversAgain(e, id) {
		return
	}
	m := &b.T.Members[id]
	d := Delivery{At: e.Index, Msg: b.msgID(e.Msg), During: int32(len(m.Installs)) - 1, Sender: None, State: None}
	d.View = m.Current(&d)
	if e.View != "" {
		if named := b.viewID(e.View); named != d.View {
			d.View = named
			m.Odd = append(m.Odd, int32(len(m.Log)))
		}
	}
	if e.Sender != "" {
		if d.Sender = Number(b.senders, e.Sender); int(d.Sender) == len(b.T.Senders) {
			b.T.Senders = append(b.T.Senders, e.Sender)
		}
	}
	if e.State != "" {
		if d.State = Number(b.states, e.State); int(d.State) == len(b.T.States) {
			b.T.States = append(b.T.States, e.State)
		}
	}
	m.Log = append(m.Log, d)
	if msg := &b.T.Msgs[d.Msg]; !msg.delivered {
		msg.delivered = true
		if msg.Op != None {
			b.T.Ops.Delivered(msg.Op)
		}
	}
}

func (b *Builder) invoke(e *history.Event) {
	c := Call{F: e.F, Member: b.Caller(e), Msg: None, Op: None}
	switch e.F {
	case "multicast":
		var id string
		if json.Unmarshal(e.Value, &id) == nil { // the reader has let only strings through
			b.multicast(e, &c, id)
		}
	case "join":
		if c.Member != None && b.T.Members[c.Member].JoinAt == None {
			b.T.Members[c.Member].JoinAt = e.Index
		}
	default:
		c.Op = b.T.Ops.Invoke(e)
		if e.Msg != "" {
			b.multicast(e, &c, e.Msg)
			b.T.Msgs[c.Msg].Op = Carried(c.Op)
		}
	}
	b.Calls[e.Process] = c
}

// Caller is the member that an invocation asks, none if it is unknown.
func (b *Builder) Caller(e *history.Event) int32 {
	if e.Member != "" {
		b.Own(e.Member)
		return b.MemberID(e.Member)
	}
	if id, ok := b.current[e.Node]; ok && e.Node != "" {
		return id
	}
	return None
}

func (b *Builder) multicast(e *history.Event, c *Call, id string) {
	c.Msg = b.msgID(id)
	m := &b.T.Msgs[c.Msg]
	m.invokes++
	m.FailedAt = None
	if m.InvokedAt != None { // the same id again: the first one counts, but for who may be its sender
		b.T.AskedAgain = append(b.T.AskedAgain, Asking{At: e.Index, Msg: c.Msg, Member: c.Member})
		return
	}
	b.T.Stats.Messages++
	m.InvokedAt, m.Sender = e.Index, c.Member
	m.Probe = b.T.InFinal()
	c.first = true
	if c.Member != None {
		s := &b.T.Members[c.Member]
		m.Pos = int32(len(s.Sent))
		s.Sent = append(s.Sent, c.Msg)
	}
}

func (b *Builder) complete(e *history.Event) {
	c := b.Calls[e.Process]
	delete(b.Calls, e.Process)
	if c.F == "leave" && e.Type == history.OK && c.Member != None && b.T.EndAt == None {
		b.T.Members[c.Member].LeftAt = e.Index
		b.isOut(c.Member)
	}
	if c.Op != None {
		b.T.Ops.Complete(e, c.Op)
	}
	if c.Msg == None {
		return
	}
	m := &b.T.Msgs[c.Msg]
	switch {
	case e.Type == history.OK && m.AckedAt == None:
		m.AckedAt = e.Index
	case e.Type == history.Fail:
		m.Refused = m.Refused || c.first
		if m.fails++; m.fails == m.invokes {
			m.FailedAt = e.Index
		}
	}
}

// Finish marks repeated deliveries and counts what two members share.
func (b *Builder) Finish(truncated bool) *Trace {
	t := b.T
	b.owing()
	t.uncarried()
	t.Stats.Truncated = truncated
	by := make([]int32, len(t.Msgs)) // last deliverer, plus 1
	deliverers := make([]int32, len(t.Msgs))
	for q := range t.Members {
		m := &t.Members[q]
		if m.StartedAt != None || len(m.Installs) > 0 || len(m.Log) > 0 {
			t.Stats.Members++
		}
		for i := range m.Log {
			d := &m.Log[i]
			if d.Again = by[d.Msg] == int32(q)+1; d.Again {
				continue
			}
			by[d.Msg] = int32(q) + 1
			if deliverers[d.Msg]++; deliverers[d.Msg] == 2 {
				t.Stats.Shared++
			}
		}
	}
	t.Unjudgeable = t.judgeable()
	return t
}

// Number gives a name's number, the next one for a new name.
func Number(numbers map[string]int32, name string) int32 {
	id, ok := numbers[name]
	if !ok {
		id = int32(len(numbers))
		numbers[name] = id
	}
	return id
}

// Own is the member that an event of its own is about.
func (b *Builder) Own(name string) *Member {
	m := &b.T.Members[b.MemberID(name)]
	m.Seen = true
	return m
}

func (b *Builder) MemberID(name string) int32 {
	id := Number(b.members, name)
	if int(id) == len(b.T.Members) {
		b.T.Members = append(b.T.Members, Member{
			Name: name, node: nodeOf(name),
			StartedAt: None, StoppedAt: None, EvictedAt: None, LeftAt: None, JoinAt: None,
		})
	}
	return id
}

func (b *Builder) viewID(name string) int32 {
	id := Number(b.views, name)
	if int(id) == len(b.T.Views) {
		b.T.Views = append(b.T.Views, view{name: name, FirstAt: None})
	}
	return id
}

func (b *Builder) msgID(name string) int32 {
	id := Number(b.msgs, name)
	if int(id) == len(b.T.Msgs) {
		b.T.Msgs = append(b.T.Msgs, message{Name: name, Sender: None, InvokedAt: None, AckedAt: None, FailedAt: None, Op: None})
	}
	return id
}

func (b *Builder) listID(names []string) int32 {
	id := Number(b.lists, strings.Join(names, "\x00"))
	if int(id) == len(b.T.Lists) {
		list := make([]int32, len(names))
		for i, n := range names {
			list[i] = b.MemberID(n)
		}
		b.T.Lists = append(b.T.Lists, list)
	}
	return id
}

// nodeOf takes the incarnation off a member's name: n1.2 runs on n1.
func nodeOf(member string) string {
	if dot := strings.LastIndexByte(member, '.'); dot > 0 {
		if n, err := strconv.Atoi(member[dot+1:]); err == nil && n > 0 {
			return member[:dot]
		}
	}
	return member
}

// uncarried takes the messages of operations that nobody delivered for what they
// may be: operations that the system answers without a message. What was asked and
// answered is then no multicast.
func (t *Trace) uncarried() {
	idle := func(m int32) bool { return t.Msgs[m].Op != None && !t.Msgs[m].delivered }
	for q := range t.Members {
		s := &t.Members[q]
		if !slices.ContainsFunc(s.Sent, idle) {
			continue
		}
		s.Sent = slices.DeleteFunc(s.Sent, idle)
		for i, m := range s.Sent {
			t.Msgs[m].Pos = int32(i)
		}
	}
	for i := range t.Msgs {
		if m := &t.Msgs[i]; m.Op != None && !m.delivered {
			m.InvokedAt, m.AckedAt, m.FailedAt, m.Sender, m.Probe = None, None, None, None, false
			t.Stats.Messages--
		}
	}
}
