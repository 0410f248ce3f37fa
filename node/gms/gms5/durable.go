package gms5

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// In durable mode a member that comes back with its disk intact is the same
// acceptor again. What it may not forget is what it told others: its promise, its
// vote, how far its log goes, the decision that it acted on (Lamport, "Paxos made
// simple", 2001, section 2.4), and the numbers that it gave its own messages. Each
// is a record that is on disk before anybody hears of it. All else, such as who is
// alive and what is committed, it learns anew.

// record is one thing that a member may not forget. Exactly one field is set.
type record struct {
	Created  bool           `json:"created,omitempty"` // the group, by this member
	Own      *wire.Entry    `json:"own,omitempty"`     // the next own message
	Log      *logPart       `json:"log,omitempty"`     // what the log of the view has gained
	Promised *wire.Ballot   `json:"promised,omitempty"`
	Accepted *wire.Vote     `json:"accepted,omitempty"`
	Decided  *wire.Decision `json:"decided,omitempty"` // how the view ended, or which one let us in
}

// logPart is the part of a log that begins at place First.
type logPart struct {
	First   int          `json:"first"`
	Entries []wire.Entry `json:"entries"`
}

// checkpoint is a member at one moment, in place of all records before. Log begins
// after place Start; the first Delivered places of the view are with the
// application.
type checkpoint struct {
	View      int            `json:"view"`
	Members   []string       `json:"members"`
	Last      map[string]int `json:"last"`
	Delivered int            `json:"delivered"`
	Start     int            `json:"start"`
	Log       []wire.Entry   `json:"log"`
	Promised  wire.Ballot    `json:"promised"`
	Accepted  *wire.Vote     `json:"accepted,omitempty"`
	Prev      *wire.Decision `json:"prev,omitempty"`
	Asked     int            `json:"asked"`
	Pending   []wire.Entry   `json:"pending"`
}

var _ gms.Keeper = (*primary)(nil)

// keeper is what durable mode adds to a member.
type keeper struct {
	restoring bool // records are being read back: nothing is sent or kept
	kept      int  // places of the log that are on disk
	floor     int  // committed before this start, as far as we know
}

// keep has a record written before anything that follows.
func (p *primary) keep(r record) {
	if !p.cfg.Durable || p.restoring {
		return
	}
	raw, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("gms5: a record that JSON cannot express: %v", err)) // it holds what came as JSON
	}
	e := gms.Persist{Record: raw, Lazy: p.mutant(noFsync)}
	if r.Own != nil {
		e.Own = r.Own.Msg
	}
	p.do(e)
}

// keepLog keeps what the log has gained since the last time.
func (p *primary) keepLog() {
	if !p.cfg.Durable || p.kept >= p.log.end() {
		return
	}
	first, entries := p.log.after(p.kept, 0)
	p.kept = p.log.end()
	p.keep(record{Log: &logPart{first, entries}})
}

// Checkpoint is nil outside of a view: there is nothing to stand for.
func (p *primary) Checkpoint() json.RawMessage {
	if p.mode != inside {
		return nil
	}
	_, log := p.log.after(p.log.start, 0)
	b := checkpoint{
		View: p.view, Members: p.members, Last: p.last, Delivered: p.delivered,
		Start: p.log.start, Log: log, Promised: p.promised, Accepted: p.accepted,
		Prev: p.prev, Asked: p.asked,
	}
	if p.mutant(forgetPromise) {
		b.Promised, b.Accepted = wire.Ballot{}, nil
	}
	for _, own := range p.pending {
		b.Pending = append(b.Pending, own.entry)
	}
	raw, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Sprintf("gms5: a base that JSON cannot express: %v", err))
	}
	return raw
}

// Restore does again what the records say, and says nothing of it to others.
func (p *primary) Restore(now time.Duration, base json.RawMessage, records []json.RawMessage) ([]gms.Effect, error) {
	p.now, p.restoring, p.out = now, true, nil
	if base != nil {
		var b checkpoint
		if err := json.Unmarshal(base, &b); err != nil {
			return nil, fmt.Errorf("gms5: the base is damaged: %w", err)
		}
		p.standOn(&b)
	}
	for i, raw := range records {
		var r record
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("gms5: record %d is damaged: %w", i, err)
		}
		if err := p.again(&r); err != nil {
			return nil, fmt.Errorf("gms5: record %d: %w", i, err)
		}
	}
	p.out = slices.DeleteFunc(p.out, func(e gms.Effect) bool {
		switch e.(type) {
		case gms.Install, gms.Resume, *gms.Deliver, gms.Evict, gms.Log:
			return false
		}
		return true // was said before, or concerns nobody any more
	})
	p.restoring = false
	p.wake()
	return p.out, nil
}

// standOn takes a base.
func (p *primary) standOn(b *checkpoint) {
	p.prev, p.asked = b.Prev, b.Asked
	p.install(b.View, b.Members, b.Last)
	p.out = p.out[:0]
	p.do(gms.Resume{View: p.name, Members: slices.Clone(p.members)})
	p.log = logOf(b.Start, b.Log)
	p.delivered, p.commit = b.Delivered, b.Delivered
	_, open := p.log.after(b.Delivered, 0)
	for _, e := range open {
		*p.ordered.of(e.Origin) = e.Seq
	}
	for _, e := range b.Pending {
		p.await(pending{entry: e})
	}
	p.promised, p.accepted = b.Promised, b.Accepted
	p.round = b.Promised.Round
}

// again does what a record says that we did.
func (p *primary) again(r *record) error {
	inside := p.mode == inside
	switch {
	case r.Created && !inside:
		p.install(1, []string{p.self}, map[string]int{p.self: 0})
	case r.Own != nil && inside:
		p.asked = r.Own.Seq
		p.await(pending{entry: *r.Own})
	case r.Log != nil && inside:
		if r.Log.First > p.log.end()+1 {
			return fmt.Errorf("the log goes on at place %d, but has %d", r.Log.First, p.log.end())
		}
		p.extend(&wire.Message{First: r.Log.First, Entries: r.Log.Entries})
	case r.Promised != nil && inside:
		p.promised, p.round = *r.Promised, max(p.round, r.Promised.Round)
	case r.Accepted != nil && inside:
		p.promised, p.accepted = r.Accepted.Ballot, r.Accepted
		p.round = max(p.round, p.promised.Round)
	case r.Decided != nil && r.Decided.Value != nil && inside && r.Decided.View == p.view:
		p.decided(r.Decided, p.self)
	case r.Decided != nil && r.Decided.Value != nil && p.view == 0:
		p.prev = r.Decided
		p.install(r.Decided.View+1, r.Decided.Value.Members, r.Decided.Last)
	default:
		return fmt.Errorf("it does not follow from those before it")
	}
	return nil
}

// wake begins the life of a restored member: it has heard nobody yet and suspects
// nobody, knows of nobody's log, and submits its own messages anew.
func (p *primary) wake() {
	if p.mode == outside {
		return
	}
	p.kept, p.floor = p.log.end(), p.delivered
	p.tickDue = p.now + p.cfg.Heartbeat
	p.do(gms.SetTimer{ID: timerTick, After: p.cfg.Heartbeat})
	if p.mode != inside {
		return
	}
	p.logf("back from the disk in view %d: %d places, %d delivered, %d own messages open", p.view, p.log.end(), p.delivered, len(p.pending))
	p.resetDetector()
	p.fencedAt, p.nackedAt, p.stuckAt = p.now, -1, -1
	p.submitted, p.submits = *p.ordered.of(p.self), nil
	p.sent, p.told, p.orders, p.stable = p.log.end(), p.commit, nil, p.log.start
	p.soonDue = false
	for _, m := range p.members {
		p.acked[m] = p.log.start
	}
	p.acked[p.self] = p.log.end()
	if p.changing() {
		p.do(gms.Flush{On: true})
	}
	p.signOfLife()
	p.submit()
}
