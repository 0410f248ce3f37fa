package gms5

import (
	"slices"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// Frames in flight are bounded so that what comes meanwhile travels together:
// the busier the group, the larger the batches, without a timer.
const (
	window = 8   // frames sent and not yet seen to be ordered (submit) or committed (order)
	batch  = 512 // entries in a frame
	// Frames that came too early before the missing one counts as lost, as in
	// TCP's fast retransmit; before that it may only have been overtaken.
	overtaken = 3
)

// follower is what a member keeps of its leader's log beyond its own.
type follower struct {
	nackedAt int             // length of our log when a gap was last reported; -1: not since the tick
	early    []*wire.Message // order frames beyond a gap
	ackDue   bool            // the leader has not heard of all that our log holds
}

// sequencer is what a leader knows of its view, anew in each.
type sequencer struct {
	acked  map[string]int // length of each member's log, as it last said
	stable int            // least of them: every member holds these places
	sent   int            // places already sent to all
	told   int            // places of which all were told that they are committed
	orders []int          // last place of each order frame that is not committed
	ends   []int          // room for quorumHolds
}

func (p *primary) onSubmit(m *wire.Message) {
	if !p.leads() || p.fenced() {
		return
	}
	for i := range m.Entries {
		p.sequence(m.Entries[i])
	}
	p.soon()
}

// sequence appends e to the leader's log iff it is its origin's next one and
// the log has room. What is refused comes again.
func (p *primary) sequence(e wire.Entry) {
	next := e.Seq == *p.ordered.of(e.Origin)+1 || p.mutant(noDedupe)
	if next && p.log.end()-p.stable < p.cfg.History && p.log.hasRoom(e) {
		p.count(e)
		p.log.append(e)
	}
}

// count takes note of an entry that the log gains.
func (p *primary) count(e wire.Entry) {
	highest := p.ordered.of(e.Origin)
	if e.Seq != *highest+1 {
		p.broke("I8", "%s/%d follows %s/%d in the log", e.Origin, e.Seq, e.Origin, *highest)
	}
	*highest = e.Seq
}

// order sends what the log has gained to all, as far as the window allows, and what
// is committed with it (with one or two members: the same at once). Our own log
// counts from here on, when it is kept.
func (p *primary) order() {
	p.keepLog()
	p.acked[p.self] = p.log.end()
	p.advance()
	p.orderFrames()
	if p.told < p.commit {
		p.told = p.commit
		p.broadcast(p.heartbeat())
	}
}

func (p *primary) orderFrames() {
	for p.sent < p.log.end() && len(p.orders) < window {
		first, entries := p.log.after(p.sent, batch)
		p.sent += len(entries)
		p.orders = append(p.orders, p.sent)
		p.told = p.commit
		p.broadcast(p.orderFrame(first, entries))
	}
}

func (p *primary) orderFrame(first int, entries []wire.Entry) *wire.Message {
	return &wire.Message{
		Type: wire.Order, View: p.view, First: first, Entries: entries,
		Commit: p.commit, Stable: p.stable, At: p.now,
	}
}

func (p *primary) heartbeat() *wire.Message {
	return &wire.Message{
		Type: wire.Heartbeat, View: p.view, N: p.log.end(),
		Commit: p.commit, Stable: p.stable, At: p.now,
	}
}

// onOrder takes the places that follow our log, from the leader alone and never
// once we promised: a coordinator may have read our log as it was.
func (p *primary) onOrder(from string, m *wire.Message) {
	if from != p.leader() || p.fenced() {
		return
	}
	p.echo = max(p.echo, m.At)
	p.take(m)
	p.keepLog()
	end := p.log.end()
	if len(p.early) > overtaken {
		end = p.early[0].First
	}
	p.follow(m, end)
	p.ackDue = true
	p.soon()
}

// take appends a frame to the log, or keeps it while frames before it are under
// way. A frame that is kept too many times over is lost; it comes again.
func (p *primary) take(m *wire.Message) {
	if m.First > p.log.end()+1 {
		if len(p.early) < window {
			p.early = append(p.early, m)
		}
		return
	}
	p.extend(m)
	for again := true; again; {
		again = false
		p.early = slices.DeleteFunc(p.early, func(e *wire.Message) bool {
			fits := e.First <= p.log.end()+1
			if fits {
				p.extend(e)
				again = true
			}
			return fits
		})
	}
}

// extend appends what of the frame follows the log; the rest we have already.
func (p *primary) extend(m *wire.Message) {
	known := p.log.end() + 1 - m.First
	if known < 0 || known >= len(m.Entries) {
		return
	}
	fresh := m.Entries[known:]
	for i := range fresh {
		p.count(fresh[i])
	}
	p.log.extend(fresh)
}

func (p *primary) onHeartbeat(from string, m *wire.Message) {
	if from != p.leader() || p.fenced() {
		return
	}
	p.echo = max(p.echo, m.At)
	p.follow(m, m.N)
}

// follow does what the leader says of its log, which is end places long: ask
// for what we lack, deliver what is committed, let go of what is stable.
func (p *primary) follow(m *wire.Message, end int) {
	if p.log.end() < end && p.log.end() != p.nackedAt {
		p.nackedAt = p.log.end()
		p.send(p.leader(), &wire.Message{Type: wire.Nack, View: p.view, N: p.log.end()})
	}
	p.commit = max(p.commit, min(m.Commit, p.log.end()))
	p.deliver()
	p.log.release(min(m.Stable, p.delivered))
	p.forgetOrdered()
	if p.submitted < p.asked {
		p.soon() // the window may have room again
	}
}

func (p *primary) ack() {
	p.ackDue = false
	p.send(p.leader(), p.acknowledgement())
}

// acknowledgement tells the leader how far our log goes. It also says that we
// live, and that we hear the leader.
func (p *primary) acknowledgement() *wire.Message {
	if p.changing() {
		p.broke("I4", "an ack in view %d after promise %v", p.view, p.promised)
	}
	return &wire.Message{
		Type: wire.Ack, View: p.view, N: p.log.end(), At: p.echo, Leaving: p.readyToLeave(),
	}
}

func (p *primary) onAck(from string, m *wire.Message) {
	if !p.leads() {
		return
	}
	p.echoed(from, m.At)
	if p.fenced() {
		return
	}
	if m.N > p.log.end() {
		p.broke("I9", "%s acknowledges place %d of %d", from, m.N, p.log.end())
	}
	p.acked[from] = max(p.acked[from], min(m.N, p.log.end()))
	p.advance()
	if p.told < p.commit || *p.ordered.of(p.self) < p.asked { // the window or the log may have room again
		p.soon()
	}
	if m.Leaving {
		p.memberLeaves(from)
	}
}

// advance commits what a quorum holds, delivers it and lets go of what all hold. It
// may run only in a view that we lead and are not fenced in.
func (p *primary) advance() {
	p.stable = p.least()
	committed := max(p.quorumHolds(), p.floor)
	if committed < p.commit {
		p.broke("I9", "commit goes back from %d to %d", p.commit, committed)
	}
	if committed > p.commit {
		p.commit = committed
		for len(p.orders) > 0 && p.orders[0] <= p.commit {
			p.orders = p.orders[1:]
		}
	}
	p.deliver()
	p.log.release(min(p.stable, p.delivered))
}

// least is the length of the shortest log of the view.
func (p *primary) least() int {
	n := p.log.end()
	for _, m := range p.members {
		n = min(n, p.acked[m])
	}
	return n
}

// quorumHolds is the highest place that a quorum, with us in it, holds. We are
// the first member, so half of the view is enough.
func (p *primary) quorumHolds() int {
	if p.mutant(noQuorum) {
		return p.log.end()
	}
	p.ends = p.ends[:0]
	for _, m := range p.members {
		p.ends = append(p.ends, p.acked[m])
	}
	slices.Sort(p.ends)
	if p.mutant(fewAcks) {
		return p.ends[min(len(p.ends)/2+1, len(p.ends)-1)]
	}
	return p.ends[len(p.ends)/2]
}

func (p *primary) onNack(from string, m *wire.Message) {
	if m.Ballot != nil {
		p.refused(*m.Ballot)
		return
	}
	if !p.leads() || p.fenced() || m.N >= p.log.end() {
		return
	}
	first, entries := p.log.after(m.N, batch)
	p.logf("leader: %s lacks what follows place %d; resend %d..%d", from, m.N, first, first+len(entries)-1)
	p.send(from, p.orderFrame(first, entries))
}

// deliver hands the application what is committed and in our log.
func (p *primary) deliver() {
	upTo := p.commit
	if p.mutant(earlyDelivery) {
		upTo = p.log.end()
	}
	for _, part := range p.log.from(p.delivered) {
		p.handOver(part[:min(len(part), max(upTo-p.delivered, 0))])
	}
}

// handOver delivers messages in the current view; clients here get their answers.
func (p *primary) handOver(entries []wire.Entry) {
	p.delivered += len(entries)
	effects := make([]gms.Deliver, len(entries)) // in one piece: a busy group has many
	for i := range entries {
		e := &entries[i]
		if i+1 == len(entries) || entries[i+1].Origin != e.Origin {
			p.last[e.Origin] = e.Seq // its highest of these, as I8 has it
		}
		effects[i] = gms.Deliver{Msg: e.Msg, Sender: e.Origin, View: p.name, Payload: e.Payload}
		p.do(&effects[i])
		if e.Origin == p.self && len(p.pending) > 0 {
			p.answer(e)
		}
	}
}

// answer gives the client its answer whose message is delivered.
func (p *primary) answer(e *wire.Entry) {
	own := p.pending[0]
	if !own.entry.Same(*e) {
		p.broke("I8", "own message %d is delivered, %d was due", e.Seq, own.entry.Seq)
		return
	}
	p.pending = p.pending[1:]
	p.pendingBytes -= own.entry.Size()
	p.do(gms.Reply{Req: own.req})
}
