package gms5

import (
	"slices"
	"strings"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// door is who wants in and who wants out.
type door struct {
	joinReq  uint64
	joinOpen bool // the join has no answer yet
	contacts []string
	asks     int // times that we asked to be let in
	askedAt  time.Duration

	leaveReq   uint64
	leaveAsked bool
	leaveOpen  bool // the leave has no answer yet

	joiners    []joiner        // those that answered a challenge, in the order of their first answer
	knockedAt  time.Duration   // when somebody last asked to join
	challenged string          // the last one challenged, for the log
	newer      map[string]int  // highest incarnation per node that asked to join: lower ones are dead
	leavers    map[string]bool // members that asked to leave

	unconfirmed []string // once gone: members of the next view that may not know it
	goneAt      time.Duration
}

type joiner struct {
	member   string
	answered time.Duration
}

// joinRequest creates the group (no contacts) or asks to be let in.
func (p *primary) joinRequest(in gms.Join) {
	switch {
	case p.mode == inside && !p.leaveAsked:
		p.do(gms.Reply{Req: in.Req})
	case p.mode == inside || p.mode == gone:
		p.fail(in.Req, 11, "%s left or was excluded; join again as a new incarnation", p.self)
	case p.mode == joining:
		if p.joinOpen {
			p.fail(p.joinReq, 0, "asked again")
		}
		p.joinReq, p.joinOpen = in.Req, true
		p.do(gms.SetTimer{ID: timerJoin, After: p.cfg.JoinTimeout})
	default:
		p.joinReq, p.joinOpen, p.contacts = in.Req, true, in.Contacts
		p.tickDue = p.now + p.cfg.Heartbeat
		p.do(gms.SetTimer{ID: timerTick, After: p.cfg.Heartbeat})
		if len(in.Contacts) == 0 {
			p.keep(record{Created: true})
			p.install(1, []string{p.self}, map[string]int{p.self: 0})
			return
		}
		p.mode = joining
		p.do(gms.SetTimer{ID: timerJoin, After: p.cfg.JoinTimeout})
		p.askToJoin()
	}
}

// askToJoin asks the contacts, and when that brought nothing the whole roster:
// contacts die too.
func (p *primary) askToJoin() {
	if p.asks > 0 && p.now-p.askedAt < p.cfg.Timeout/4 {
		return
	}
	p.askedAt = p.now
	m := &wire.Message{Type: wire.Join, Member: p.self}
	if p.asks++; p.asks > 1 {
		p.askRoster(m)
		return
	}
	for _, node := range p.contacts {
		if node != p.cfg.Node {
			p.send(node, m)
		}
	}
}

// joinTimedOut answers the client; the outcome is unknown, since a decision to
// let us in may be on its way. So we also go on asking.
func (p *primary) joinTimedOut() {
	if p.mode == joining && p.joinOpen {
		p.joinOpen = false
		p.fail(p.joinReq, 0, "no view after %v; still asking", p.cfg.JoinTimeout)
	}
}

// joined answers the join. A former incarnation's messages have their answer in
// the dedupe table: up to there they were delivered, the rest never will be.
func (p *primary) joined() {
	for _, m := range sorted(p.last) {
		if node, incarnation := gms.SplitMember(m); node == p.cfg.Node && incarnation < p.cfg.Incarnation {
			p.logf("of %s's messages the first %d were delivered", m, p.last[m])
		}
	}
	if p.joinOpen {
		p.joinOpen = false
		p.do(gms.CancelTimer{ID: timerJoin})
		p.do(gms.Reply{Req: p.joinReq})
	}
}

// atTheDoor handles what passes between members and those who want to be.
func (p *primary) atTheDoor(from string, m *wire.Message) {
	switch {
	case m.Type == wire.Challenge && p.mode == joining:
		p.send(from, &wire.Message{Type: wire.Response, At: m.At})
	case p.mode != inside:
	case m.Type == wire.Join:
		p.onJoin(from, m.Member)
	case m.Type == wire.Response:
		p.onAnswer(from, m.At)
	}
}

// host is who lets joiners in: the leader, or while the view changes whoever
// acts for it. (Else a view at MinPrimary with a dead leader would wait for ever
// for the replacements that wait for it.)
func (p *primary) host() string {
	if p.changing() {
		return p.promised.By
	}
	return p.leader()
}

// onJoin has the host challenge the joiner directly: who cannot answer would
// only be let in and dropped again.
func (p *primary) onJoin(from, who string) {
	node, incarnation := gms.SplitMember(who)
	switch {
	case p.has(who):
		if p.prev != nil && !slices.Contains(p.prev.Old, who) {
			p.sendDecision(who)
		}
		return
	case p.known(node) >= incarnation:
		p.tellExcluded(who)
		return
	}
	p.knockedAt = p.now
	if incarnation > p.newer[node] {
		p.newer[node] = incarnation
		view := p.view
		if p.mayBeDead(p.superseded); p.mode != inside || p.view != view {
			return // it asks again
		}
	}
	switch host := p.host(); {
	case host == p.self:
		if p.challenged != who {
			p.challenged = who
			p.logf("challenge %s, which wants to join", who)
		}
		p.send(who, &wire.Message{Type: wire.Challenge, At: p.now})
	case from == who:
		p.send(host, &wire.Message{Type: wire.Join, Member: who})
	}
}

// onAnswer queues a joiner that hears us and that we hear.
func (p *primary) onAnswer(who string, asked time.Duration) {
	node, incarnation := gms.SplitMember(who)
	if p.host() != p.self || p.has(who) || p.known(node) >= incarnation || p.now-asked > p.cfg.Timeout {
		return
	}
	i := slices.IndexFunc(p.joiners, func(j joiner) bool { return j.member == who })
	if i < 0 {
		i = len(p.joiners)
		p.joiners = append(p.joiners, joiner{member: who})
	}
	p.joiners[i].answered = p.now
	if p.changing() {
		p.propose()
	} else {
		p.suspect()
	}
}

// known is the highest incarnation of node that ever was in a view, 0 if none.
func (p *primary) known(node string) int {
	highest := 0
	for m := range p.last {
		if n, incarnation := gms.SplitMember(m); n == node {
			highest = max(highest, incarnation)
		}
	}
	return highest
}

// superseded reports whether a later incarnation of m's node asked to join.
func (p *primary) superseded(m string) bool {
	node, incarnation := gms.SplitMember(m)
	return incarnation < p.newer[node]
}

// successor is the next view if those of our members come along for which in
// holds: in the old order, without those that leave, then as many joiners as
// leave the old members a quorum of the new view, since a joiner may be dead by
// then. As many of those that leave stay on as the view needs to be large
// enough; nil says that it is too small in any case.
func (p *primary) successor(in func(string) bool) []string {
	var keep, leaving []string
	for _, m := range p.members {
		if in(m) && !p.superseded(m) {
			keep = append(keep, m)
			if p.leavers[m] || m == p.self && p.readyToLeave() {
				leaving = append(leaving, m)
			}
		}
	}
	for back := range len(leaving) + 1 {
		goes := func(m string) bool { return slices.Contains(leaving[back:], m) }
		if next := p.withJoiners(slices.DeleteFunc(slices.Clone(keep), goes)); p.largeEnough(next) {
			return next
		}
	}
	return nil
}

func (p *primary) withJoiners(stay []string) []string {
	next := slices.Clip(stay)
	for _, j := range p.joiners {
		if len(next) < 2*len(stay) && p.now-j.answered <= p.cfg.Timeout && !p.superseded(j.member) {
			next = append(next, j.member)
		}
	}
	return next
}

// largeEnough applies MinPrimary once a view has had that size.
func (p *primary) largeEnough(next []string) bool {
	return len(next) > 0 && (len(next) >= p.cfg.MinPrimary || len(p.members) < p.cfg.MinPrimary)
}

// wanted is what a leader wants to change about its view, "" if nothing. It
// does not try what has no quorum: that would only stop its own work.
func (p *primary) wanted() string {
	if !p.quorum(p.alive) {
		return ""
	}
	next := p.successor(p.alive)
	var changes []string
	for _, m := range p.members {
		if next != nil && !slices.Contains(next, m) {
			changes = append(changes, "without "+m)
		}
	}
	for _, m := range next {
		if !p.has(m) {
			changes = append(changes, "with "+m)
		}
	}
	return strings.Join(changes, ", ")
}

// resetDoor carries over what still holds in a new view.
func (p *primary) resetDoor() {
	p.joiners = slices.DeleteFunc(p.joiners, func(j joiner) bool { return p.has(j.member) })
	leavers := p.leavers
	p.leavers = map[string]bool{}
	for _, m := range p.members {
		if leavers[m] {
			p.leavers[m] = true
		}
	}
	if p.newer == nil {
		p.newer = map[string]int{}
	}
}
