package gms5

import (
	"slices"
	"strings"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// acceptor is a member's part in deciding the successor of its view.
type acceptor struct {
	promised wire.Ballot // zero: not promised, the view is in normal operation
	accepted *wire.Vote
	fencedAt time.Duration // of the last new promise or vote; an attempt of ours waits from then
	round    int           // highest round seen in this view
	tries    int           // our own attempts in this view
	forgot   bool          // a promise; with a mutant only
	coord    *attempt      // the last of them, nil if it is over
}

// attempt is one attempt to decide.
type attempt struct {
	ballot   wire.Ballot
	promises map[string]*wire.Message
	gather   bool        // the wait for more than a quorum of promises has begun
	gathered bool        // and is over
	value    *wire.Value // proposed; nil before
	votes    map[string]bool
}

// changing reports whether we promised: the view is about to end.
func (p *primary) changing() bool { return p.promised != wire.Ballot{} }

// fenced reports whether normal operation has stopped. A promise carries our
// log as it is; if it grew afterwards, messages could be committed that the
// view's final log lacks.
func (p *primary) fenced() bool {
	stale := p.mutant(staleLeader) && p.leads() && p.promised.By != p.self && p.fencedAt > p.tickDue-p.cfg.Heartbeat
	return p.changing() && !p.mutant(noFence) && !stale
}

// coordinate begins an attempt with a ballot above all seen. Others are asked
// before ourselves: with one or two members our own promise and vote decide at
// once, inside this call, and nothing may be said of the old view after that.
func (p *primary) coordinate(why string) {
	p.round++
	p.tries++
	b := wire.Ballot{Round: p.round, By: p.self}
	p.logf("view %d: prepare ballot %v: %s", p.view, b, why)
	p.coord = &attempt{ballot: b, promises: map[string]*wire.Message{}, votes: map[string]bool{}}
	m := &wire.Message{Type: wire.Prepare, View: p.view, Ballot: &b}
	p.broadcast(m)
	p.onPrepare(p.self, m)
}

func (p *primary) onPrepare(from string, m *wire.Message) {
	b := *m.Ballot
	if b.By != from || !p.promise(b) {
		p.refuse(from)
		return
	}
	first, entries := p.log.after(p.log.start, 0)
	answer := &wire.Message{
		Type: wire.Promise, View: p.view, Ballot: &b,
		First: first, Entries: entries, Accepted: p.accepted, Leaving: p.readyToLeave(),
	}
	if from == p.self {
		p.onPromise(p.self, answer)
	} else {
		p.send(from, answer)
	}
}

// promise fences us for ballot b, unless we promised a higher one.
func (p *primary) promise(b wire.Ballot) bool {
	if b.Less(p.promised) && !p.mutant(anyBallot) {
		return false
	}
	if p.mutant(leaderForgets) && p.leads() && b.By != p.self && !p.forgot {
		p.forgot = true
		return true
	}
	if !p.changing() {
		p.logf("view %d: promise ballot %v, fenced with %d places, %d delivered", p.view, b, p.log.end(), p.delivered)
		p.do(gms.Flush{On: true})
	}
	if p.coord != nil && p.coord.ballot != b {
		p.coord = nil
	}
	if b != p.promised {
		p.fencedAt = p.now
	}
	if b != p.promised && !p.mutant(forgetPromise) {
		p.keep(record{Promised: &b})
	}
	p.promised = b
	p.round = max(p.round, b.Round)
	return true
}

// refuse tells a coordinator that its ballot is too low, so that it does not
// wait in vain.
func (p *primary) refuse(to string) {
	if to != p.self {
		b := p.promised
		p.send(to, &wire.Message{Type: wire.Nack, View: p.view, Ballot: &b})
	}
}

// refused learns of a higher ballot: the next attempt goes above it.
func (p *primary) refused(b wire.Ballot) { p.round = max(p.round, b.Round) }

func (p *primary) onPromise(from string, m *wire.Message) {
	c := p.coord
	if c == nil || *m.Ballot != c.ballot || c.value != nil {
		return
	}
	theirs := logOf(m.First-1, m.Entries)
	p.must("I1", p.log.agrees(&theirs), "the logs of %s and %s in view %d differ", p.self, from, p.view)
	c.promises[from] = m
	if m.Leaving {
		p.leavers[from] = true
	}
	p.propose()
}

// propose goes on to the vote once a quorum has promised: with the value
// accepted in the highest ballot if there is one, for it may be decided
// already; else with the longest log and those that promised.
func (p *primary) propose() {
	c := p.coord
	if c == nil || c.value != nil {
		return
	}
	promised := func(m string) bool { return c.promises[m] != nil }
	if !p.quorum(promised) {
		return
	}
	value := p.mayBeDecided(c)
	if value == nil {
		if !c.gathered && !p.allPromised(promised) {
			p.gather(c)
			return
		}
		if value = p.compose(promised); value == nil {
			return // too few for MinPrimary; a joiner's answer or the next attempt may change that
		}
		p.mustFollow(value, promised)
	}
	c.value = value
	p.vote(c)
}

// vote asks the others before ourselves, as coordinate does.
func (p *primary) vote(c *attempt) {
	p.logf("view %d: accept %d places, then members %s", p.view, c.value.End(), strings.Join(c.value.Members, " "))
	m := &wire.Message{Type: wire.Accept, View: p.view, Ballot: &c.ballot, Value: c.value}
	p.broadcast(m)
	p.onAccept(p.self, m)
}

// gather waits a little, once, for members that are only slower than a quorum:
// who does not promise loses its place. It is not long enough for others to lose
// patience.
func (p *primary) gather(c *attempt) {
	if !c.gather {
		c.gather = true
		p.do(gms.SetTimer{ID: timerGather, After: p.cfg.Timeout / 2})
	}
}

// allPromised reports whether everybody has that a promise is expected from.
func (p *primary) allPromised(promised func(string) bool) bool {
	return !slices.ContainsFunc(p.members, func(m string) bool {
		return !p.silent(m) && !promised(m)
	})
}

// mayBeDecided is the value accepted in the highest ballot among the promises.
func (p *primary) mayBeDecided(c *attempt) *wire.Value {
	if p.mutant(noAdopt) {
		return nil
	}
	var best *wire.Vote
	for _, m := range p.members {
		if answer := c.promises[m]; answer != nil && answer.Accepted != nil &&
			(best == nil || best.Ballot.Less(answer.Accepted.Ballot) != p.mutant(adoptOldest)) {
			best = answer.Accepted
		}
	}
	if best == nil {
		return nil
	}
	return best.Value
}

// compose makes a value of our own, nil if there are too few for a view.
func (p *primary) compose(promised func(string) bool) *wire.Value {
	next := p.successor(promised)
	if next == nil {
		return nil
	}
	longest := p.coord.promises[p.self]
	if !p.mutant(ownLog) {
		for _, m := range p.members {
			if answer := p.coord.promises[m]; answer != nil &&
				answer.First+len(answer.Entries) > longest.First+len(longest.Entries) {
				longest = answer
			}
		}
	}
	return &wire.Value{Start: longest.First - 1, Log: longest.Entries, Members: next}
}

func (p *primary) onAccept(from string, m *wire.Message) {
	b := *m.Ballot
	if b.By != from || !p.promise(b) {
		p.refuse(from)
		return
	}
	p.accepted = &wire.Vote{Ballot: b, Value: m.Value}
	p.keep(record{Accepted: p.accepted})
	answer := &wire.Message{Type: wire.Accepted, View: p.view, Ballot: &b}
	if from == p.self {
		p.onAccepted(p.self, answer)
	} else {
		p.send(from, answer)
	}
}

// onAccepted decides once a quorum has accepted.
func (p *primary) onAccepted(from string, m *wire.Message) {
	c := p.coord
	if c == nil || *m.Ballot != c.ballot || c.value == nil {
		return
	}
	c.votes[from] = true
	if p.quorum(func(m string) bool { return c.votes[m] }) {
		p.logf("view %d: decided by ballot %v", p.view, c.ballot)
		d := &wire.Decision{View: p.view, Old: p.members, Value: c.value}
		d.Last = fold(p.last, p.rest(c.value), c.value.Members)
		p.decided(d, p.self)
	}
}

// retryViewChange keeps an attempt going over lost messages, and takes it over
// when there is no decision for long.
func (p *primary) retryViewChange() {
	if !p.changing() {
		return
	}
	if c := p.coord; c != nil {
		for _, m := range p.members {
			switch {
			case m == p.self:
			case c.value == nil && c.promises[m] == nil:
				p.send(m, &wire.Message{Type: wire.Prepare, View: p.view, Ballot: &c.ballot})
			case c.value != nil && !c.votes[m]:
				p.send(m, &wire.Message{Type: wire.Accept, View: p.view, Ballot: &c.ballot, Value: c.value})
			}
		}
	}
	p.retryIfLost()
}

// retryIfLost begins an attempt of our own when the last one brought no
// decision, in the order of rank so that attempts do not meet; at once when its
// coordinator's connection closed. Who tries in vain waits longer each time, so
// that a member that is not heard cannot keep the others from trying.
func (p *primary) retryIfLost() {
	if p.mode != inside || !p.changing() {
		return
	}
	rank := time.Duration(p.rank(0))
	at, closed := p.closedAt[p.promised.By]
	patience := p.cfg.Timeout / 5 * (3 + 2*rank) * time.Duration(min(1+p.tries, 5))
	switch {
	case closed && p.now-at >= p.cfg.Timeout*2/5*rank:
		p.coordinate("coordinator " + p.promised.By + " is gone (connection closed or restarted)")
	case p.now-p.fencedAt > patience:
		p.coordinate("no decision by ballot " + p.promised.String())
	}
}
