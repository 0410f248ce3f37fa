package checker

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"groupy/checker/history"
)

// builder turns events into a trace in one pass.
type builder struct {
	t       *trace
	members map[string]int32
	views   map[string]int32
	msgs    map[string]int32
	lists   map[string]int32
	senders map[string]int32
	states  map[string]int32
	// current is each node's current incarnation: the one started last, or in a
	// history without start events the one observed last.
	current map[string]int32
	calls   map[string]call // by process: its open invocation
	taking  map[int32]int32 // by member: the takeUp of which something is due, index into trace.takeUps
}

// call is an open invocation.
type call struct {
	f      string
	member int32
	msg    int32
	op     int32 // its number among trace.ops, none
	first  bool  // it was the first to ask for its message
}

func newBuilder(h *history.Header, ops *operations, o Options) *builder {
	return &builder{
		t: &trace{
			bare: h.BareMembers,
			ops:  ops, search: o.Search, draw: o.Draw, lines: o.Line,
			healedAt: none, finalAt: none, endAt: none,
			stats: Stats{Operations: map[string]Count{}, Faults: map[string]Count{}},
		},
		members: map[string]int32{},
		views:   map[string]int32{},
		msgs:    map[string]int32{},
		lists:   map[string]int32{},
		senders: map[string]int32{},
		states:  map[string]int32{},
		current: map[string]int32{},
		calls:   map[string]call{},
		taking:  map[int32]int32{},
	}
}

func readTrace(r *history.Reader, ops *operations, o Options) (*trace, error) {
	b := newBuilder(r.Header(), ops, o)
	for e, err := range r.Events() {
		if err != nil {
			return nil, err
		}
		b.add(e)
	}
	return b.finish(r.Truncated()), nil
}

func (b *builder) add(e *history.Event) {
	t := b.t
	t.lineOffset = int64(e.Line) - e.Index
	t.count(e)
	switch e.Type {
	case history.Start:
		b.start(e)
	case history.Stop:
		if m := b.own(e.Member); t.endAt == none {
			m.stoppedAt = e.Index
		}
	case history.Evict:
		m := b.own(e.Member)
		m.marks = append(m.marks, mark{at: e.Index, evict: true})
		if t.endAt == none {
			m.evictedAt = e.Index
			b.isOut(b.memberID(e.Member))
		}
	case history.Block, history.Unblock:
		b.own(e.Member)
	case history.Lost:
		if t.lost == nil {
			t.lost = &Reason{linesLost, fmt.Sprintf("line %d: of what %s wrote something was not read: %s", t.line(e.Index), e.Member, e.Reason)}
		}
	case history.View:
		b.install(e)
	case history.Deliver:
		b.deliver(e)
	case history.Send:
		b.own(e.Member)
		t.sends = append(t.sends, sending{at: e.Index, member: b.memberID(e.Member), msg: b.msgID(e.Msg), view: b.viewID(e.View)})
	case history.Invoke:
		b.invoke(e)
	case history.OK, history.Fail, history.Info:
		b.complete(e)
	case history.Fault:
		t.faulted = t.faulted || e.Phase == history.FaultBegin
		t.ops.fault(e)
	case history.Phase:
		b.phase(e)
	}
}

func (b *builder) phase(e *history.Event) {
	for phase, at := range map[string]*int64{
		history.PhaseHeal: &b.t.healedAt, history.PhaseFinal: &b.t.finalAt, history.PhaseEnd: &b.t.endAt,
	} {
		if e.Phase == phase && *at == none {
			*at = e.Index
		}
	}
}

func (b *builder) start(e *history.Event) {
	id := b.memberID(e.Member)
	m := &b.t.members[id]
	b.t.anyStart = true
	m.marks = append(m.marks, mark{at: e.Index})
	if b.t.endAt == none { // who starts after the end has no part in the run
		m.startedAt, m.stoppedAt, m.evictedAt, m.leftAt = e.Index, none, none, none
	}
	b.begins(id, e.Index)
	if e.Node != "" {
		m.node = e.Node
	}
	b.current[m.node] = id
}

// observed takes note of what a member did.
func (b *builder) observed(id int32) {
	b.t.members[id].seen = true
	if !b.t.anyStart {
		b.current[b.t.members[id].node] = id
	}
}

func (b *builder) install(e *history.Event) {
	id := b.memberID(e.Member)
	b.observed(id)
	v, list := b.viewID(e.View), b.listID(e.Members)
	if b.t.views[v].firstAt == none {
		b.t.views[v].firstAt = e.Index
		b.t.stats.Views++
	}
	m := &b.t.members[id]
	in := install{at: e.Index, view: v, list: list, before: int32(len(m.log)), primary: e.IsPrimary()}
	if !b.installsAgain(e, id, in) {
		m.installs = append(m.installs, in)
	}
}

func (b *builder) deliver(e *history.Event) {
	id := b.memberID(e.Member)
	b.observed(id)
	if b.deliversAgain(e, id) {
		return
	}
	m := &b.t.members[id]
	d := delivery{at: e.Index, msg: b.msgID(e.Msg), during: int32(len(m.installs)) - 1, sender: none, state: none}
	d.view = m.current(&d)
	if e.View != "" {
		if named := b.viewID(e.View); named != d.view {
			d.view = named
			m.odd = append(m.odd, int32(len(m.log)))
		}
	}
	if e.Sender != "" {
		if d.sender = number(b.senders, e.Sender); int(d.sender) == len(b.t.senders) {
			b.t.senders = append(b.t.senders, e.Sender)
		}
	}
	if e.State != "" {
		if d.state = number(b.states, e.State); int(d.state) == len(b.t.states) {
			b.t.states = append(b.t.states, e.State)
		}
	}
	m.log = append(m.log, d)
	if msg := &b.t.msgs[d.msg]; !msg.delivered {
		msg.delivered = true
		if msg.op != none {
			b.t.ops.delivered(msg.op)
		}
	}
}

func (b *builder) invoke(e *history.Event) {
	c := call{f: e.F, member: b.caller(e), msg: none, op: none}
	switch e.F {
	case "multicast":
		var id string
		if json.Unmarshal(e.Value, &id) == nil { // the reader has let only strings through
			b.multicast(e, &c, id)
		}
	case "join":
		if c.member != none && b.t.members[c.member].joinAt == none {
			b.t.members[c.member].joinAt = e.Index
		}
	default:
		c.op = b.t.ops.invoke(e)
		if e.Msg != "" {
			b.multicast(e, &c, e.Msg)
			b.t.msgs[c.msg].op = carried(c.op)
		}
	}
	b.calls[e.Process] = c
}

// caller is the member that an invocation asks, none if it is unknown.
func (b *builder) caller(e *history.Event) int32 {
	if e.Member != "" {
		b.own(e.Member)
		return b.memberID(e.Member)
	}
	if id, ok := b.current[e.Node]; ok && e.Node != "" {
		return id
	}
	return none
}

func (b *builder) multicast(e *history.Event, c *call, id string) {
	c.msg = b.msgID(id)
	m := &b.t.msgs[c.msg]
	m.invokes++
	m.failedAt = none
	if m.invokedAt != none { // the same id again: the first one counts, but for who may be its sender
		b.t.askedAgain = append(b.t.askedAgain, asking{at: e.Index, msg: c.msg, member: c.member})
		return
	}
	b.t.stats.Messages++
	m.invokedAt, m.sender = e.Index, c.member
	m.probe = b.t.inFinal()
	c.first = true
	if c.member != none {
		s := &b.t.members[c.member]
		m.pos = int32(len(s.sent))
		s.sent = append(s.sent, c.msg)
	}
}

func (b *builder) complete(e *history.Event) {
	c := b.calls[e.Process]
	delete(b.calls, e.Process)
	if c.f == "leave" && e.Type == history.OK && c.member != none && b.t.endAt == none {
		b.t.members[c.member].leftAt = e.Index
		b.isOut(c.member)
	}
	if c.op != none {
		b.t.ops.complete(e, c.op)
	}
	if c.msg == none {
		return
	}
	m := &b.t.msgs[c.msg]
	switch {
	case e.Type == history.OK && m.ackedAt == none:
		m.ackedAt = e.Index
	case e.Type == history.Fail:
		m.refused = m.refused || c.first
		if m.fails++; m.fails == m.invokes {
			m.failedAt = e.Index
		}
	}
}

// finish marks repeated deliveries and counts what two members share.
func (b *builder) finish(truncated bool) *trace {
	t := b.t
	b.owing()
	t.uncarried()
	t.stats.Truncated = truncated
	by := make([]int32, len(t.msgs)) // last deliverer, plus 1
	deliverers := make([]int32, len(t.msgs))
	for q := range t.members {
		m := &t.members[q]
		if m.startedAt != none || len(m.installs) > 0 || len(m.log) > 0 {
			t.stats.Members++
		}
		for i := range m.log {
			d := &m.log[i]
			if d.again = by[d.msg] == int32(q)+1; d.again {
				continue
			}
			by[d.msg] = int32(q) + 1
			if deliverers[d.msg]++; deliverers[d.msg] == 2 {
				t.stats.Shared++
			}
		}
	}
	t.unjudgeable = t.judgeable()
	return t
}

// number gives a name's number, the next one for a new name.
func number(numbers map[string]int32, name string) int32 {
	id, ok := numbers[name]
	if !ok {
		id = int32(len(numbers))
		numbers[name] = id
	}
	return id
}

// own is the member that an event of its own is about.
func (b *builder) own(name string) *member {
	m := &b.t.members[b.memberID(name)]
	m.seen = true
	return m
}

func (b *builder) memberID(name string) int32 {
	id := number(b.members, name)
	if int(id) == len(b.t.members) {
		b.t.members = append(b.t.members, member{
			name: name, node: nodeOf(name),
			startedAt: none, stoppedAt: none, evictedAt: none, leftAt: none, joinAt: none,
		})
	}
	return id
}

func (b *builder) viewID(name string) int32 {
	id := number(b.views, name)
	if int(id) == len(b.t.views) {
		b.t.views = append(b.t.views, view{name: name, firstAt: none})
	}
	return id
}

func (b *builder) msgID(name string) int32 {
	id := number(b.msgs, name)
	if int(id) == len(b.t.msgs) {
		b.t.msgs = append(b.t.msgs, message{name: name, sender: none, invokedAt: none, ackedAt: none, failedAt: none, op: none})
	}
	return id
}

func (b *builder) listID(names []string) int32 {
	id := number(b.lists, strings.Join(names, "\x00"))
	if int(id) == len(b.t.lists) {
		list := make([]int32, len(names))
		for i, n := range names {
			list[i] = b.memberID(n)
		}
		b.t.lists = append(b.t.lists, list)
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
