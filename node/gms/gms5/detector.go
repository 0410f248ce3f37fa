package gms5

import (
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// detector is what a member knows of who is alive. Nothing in it matters to
// safety: a wrong suspicion costs a view change, and only if a quorum shares it.
type detector struct {
	tickDue time.Duration
	// heard is when we last heard somebody; at a leader in normal operation, when
	// we sent the sign of life that the member answered last. So a leader drops
	// whom it cannot reach, not only whom it cannot hear.
	heard     map[string]time.Duration
	echo      time.Duration            // the leader's clock in its last sign of life
	closedAt  map[string]time.Duration // connections that closed, nothing heard since
	votes     map[string]time.Duration // who misses the leader too; when we asked
	askers    map[string]time.Duration // who asked us while we heard the leader; their clock
	confirmed map[string]bool          // who has spoken in this view, so has installed it
	viewAsked int                      // the higher view asked for since the last tick
	searched  time.Duration            // when we last asked the whole roster
}

// connectionClosed takes a closed connection for a hint that the process is
// dead. It may have been a reset: the next message heard clears the suspicion.
func (p *primary) connectionClosed(node string) {
	if p.mode == inside {
		p.mayBeDead(func(m string) bool { n, _ := gms.SplitMember(m); return n == node })
	}
}

// mayBeDead shortens our patience with some members, and acts on it where it
// can.
func (p *primary) mayBeDead(which func(m string) bool) {
	hit := false
	for _, m := range p.members {
		if m != p.self && which(m) {
			p.closedAt[m] = p.now
			hit = true
		}
	}
	switch {
	case !hit:
	case p.changing():
		p.propose()
		p.retryIfLost()
	case !p.leads():
		p.suspect()
	}
}

// noticeStall forgives everybody after a local stall: a process that was frozen
// finds all its timers expired, and it is the one that was silent.
func (p *primary) noticeStall() {
	if p.mode != inside || p.now <= p.tickDue+p.cfg.Timeout/2 {
		return
	}
	p.logf("stalled for %v; nobody is suspected for it", p.now-p.tickDue)
	for _, m := range p.members {
		p.heard[m] = p.now
	}
	p.fencedAt = p.now
	p.tickDue = p.now
	clear(p.votes)
}

func (p *primary) heardFrom(m string) {
	delete(p.closedAt, m)
	p.confirmed[m] = true
	if !p.leads() || p.changing() {
		p.heard[m] = p.now
	}
	if m == p.leader() {
		clear(p.votes)
		clear(p.askers)
	}
}

// echoed says that member m has answered the sign of life that we sent at at.
func (p *primary) echoed(m string, at time.Duration) {
	if at <= p.now {
		p.heard[m] = max(p.heard[m], at)
	}
}

// alive is a leader's judgement of its members. A closed connection halves the
// patience only: a reset must not cost a live member its place.
func (p *primary) alive(m string) bool {
	limit := p.cfg.Timeout
	if _, closed := p.closedAt[m]; closed {
		limit /= 2
	}
	return m == p.self || !p.superseded(m) && p.now-p.heard[m] <= limit
}

// silent reports whether not much is to be expected of m. The bound is below
// those at which we act on it, so that the first to act finds others willing.
func (p *primary) silent(m string) bool {
	_, closed := p.closedAt[m]
	return m != p.self && (closed || p.superseded(m) || p.now-p.heard[m] > p.cfg.Timeout*3/4)
}

// rank is our place among the members that may still act, from place from on;
// it staggers attempts, so that two seldom meet.
func (p *primary) rank(from int) int {
	n := 0
	for _, m := range p.members[min(from, len(p.members)):] {
		if m == p.self {
			break
		}
		if !p.silent(m) {
			n++
		}
	}
	return n
}

// signOfLife keeps the view alive. Members say that they live to all, so that
// whoever must act knows whom to wait for. Who is fenced says so by asking what
// came of it. And whoever has not spoken in the view yet may not know it: a
// leader sends it the decision.
func (p *primary) signOfLife() {
	switch {
	case p.fenced():
		p.broadcast(&wire.Message{Type: wire.ViewRequest, View: p.view})
	case !p.leads():
		p.broadcast(p.acknowledgement())
	default:
		for _, m := range p.members {
			if m == p.self {
				continue
			}
			if p.prev != nil && !p.confirmed[m] {
				p.sendDecision(m)
			} else {
				p.send(m, p.heartbeat())
			}
		}
	}
}

// assure shows a doubter that its leader lives.
func (p *primary) assure(from string) {
	if p.leads() && !p.fenced() {
		p.send(from, p.heartbeat())
	}
}

// suspect looks for a reason to change the view.
func (p *primary) suspect() {
	switch {
	case p.changing():
	case p.leads():
		if why := p.wanted(); why != "" {
			p.coordinate(why)
		}
	default:
		p.answerAskers()
		if p.shouldAsk() {
			p.preVote()
		}
	}
}

// misses reports whether we would agree that the leader is gone.
func (p *primary) misses() bool { return p.changing() || p.silent(p.leader()) }

// shouldAsk reports whether it is our turn to ask the others about the leader.
func (p *primary) shouldAsk() bool {
	stagger := p.cfg.Timeout / 4 * time.Duration(p.rank(1))
	if at, closed := p.closedAt[p.leader()]; closed && p.now-at >= stagger {
		return true
	}
	return p.now-p.heard[p.leader()] > p.cfg.Timeout+stagger
}

// preVote asks the others whether they miss the leader too: a member with a bad
// link must not disturb a working majority.
func (p *primary) preVote() {
	if len(p.votes) == 0 {
		how := "silent for " + (p.now - p.heard[p.leader()]).String()
		if _, closed := p.closedAt[p.leader()]; closed {
			how = "connection closed or restarted"
		}
		p.logf("view %d: suspect leader %s (%s); ask the others", p.view, p.leader(), how)
	}
	p.votes[p.self] = p.now
	p.broadcast(&wire.Message{Type: wire.PreVote, View: p.view, At: p.now})
	p.countVotes()
}

func (p *primary) onPreVote(from string, m *wire.Message) {
	switch {
	case p.leads() && !p.fenced():
		p.assure(from)
	case p.misses():
		p.send(from, &wire.Message{Type: wire.PreVoteOK, View: p.view, At: m.At})
	default:
		p.askers[from] = m.At
	}
}

// answerAskers gives those that asked too early their answer: connections to a
// dead leader do not close everywhere at once.
func (p *primary) answerAskers() {
	if len(p.askers) == 0 || !p.misses() {
		return
	}
	for _, m := range p.members {
		if at, ok := p.askers[m]; ok {
			p.send(m, &wire.Message{Type: wire.PreVoteOK, View: p.view, At: at})
		}
	}
	clear(p.askers)
}

func (p *primary) onPreVoteOK(from string, m *wire.Message) {
	if at, asked := p.votes[p.self]; asked && m.At <= at {
		p.votes[from] = max(p.votes[from], m.At)
		p.countVotes()
	}
}

// countVotes begins a view change once a quorum misses the leader.
func (p *primary) countVotes() {
	if p.changing() || p.leads() || !p.misses() {
		return
	}
	fresh := func(m string) bool {
		at, ok := p.votes[m]
		return ok && p.now-at <= p.cfg.Timeout
	}
	if p.quorum(fresh) {
		p.coordinate("leader " + p.leader() + " is missed by a quorum")
	}
}

// searchGroup looks for a group that may have gone on without us, with members
// that our view does not know: it asks whatever runs on the roster's nodes.
func (p *primary) searchGroup() {
	if p.mode != inside || !p.blocked() || p.now-p.searched < p.cfg.Timeout/2 {
		return
	}
	p.searched = p.now
	p.askRoster(&wire.Message{Type: wire.ViewRequest, View: p.view})
}

// askRoster sends m to whatever incarnation runs on each other node.
func (p *primary) askRoster(m *wire.Message) {
	for _, node := range p.cfg.Nodes {
		if node != p.cfg.Node {
			p.send(node, m)
		}
	}
}

// blocked reports whether the view has no majority that we know of.
func (p *primary) blocked() bool {
	switch {
	case p.changing():
		return true
	case p.leads():
		return !quorum(p.members, p.alive)
	}
	_, closed := p.closedAt[p.leader()]
	return closed || p.now-p.heard[p.leader()] > p.cfg.Timeout
}

// resetDetector begins a view with everybody taken for alive.
func (p *primary) resetDetector() {
	closed := p.closedAt
	p.detector = detector{
		tickDue: p.tickDue, searched: p.searched,
		heard: map[string]time.Duration{}, closedAt: map[string]time.Duration{},
		votes: map[string]time.Duration{}, askers: map[string]time.Duration{},
		confirmed: map[string]bool{},
	}
	for _, m := range p.members {
		p.heard[m] = p.now
		if at, ok := closed[m]; ok {
			p.closedAt[m] = at
		}
	}
}
