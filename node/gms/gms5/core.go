package gms5

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// primary is one member of gms5.
type primary struct {
	cfg  gms.Config
	self string // this member
	mode mode
	now  time.Duration
	out  []gms.Effect

	view    int      // 0 before the first
	name    string   // the same, as the contract has it
	members []string // the first leads

	// The log of the view. delivered <= commit, and what is delivered is in
	// every possible final log of the view (I3).
	log       viewLog
	commit    int
	delivered int
	last      map[string]int // highest number delivered per origin: the dedupe table
	ordered   tally          // the same with the log's undelivered rest

	sequencer
	follower
	origin
	detector
	acceptor
	door
	keeper

	soonDue bool // the timer of soon is set

	prev *wire.Decision // the last decision known, which ended view prev.View
}

// mode is what a process is to the group.
type mode int

const (
	outside mode = iota // not asked to join yet
	joining             // asks to be let in
	inside              // has a view
	gone                // left or excluded; answers what it knows, and never comes back
)

// The defaults of Config's fields.
const (
	defaultHeartbeat   = 100 * time.Millisecond
	defaultTimeout     = time.Second
	defaultJoinTimeout = 5 * time.Second
	defaultHistory     = 10_000 // entries of the log, and own messages not yet delivered
)

// The named timers.
const (
	timerTick   = "tick"   // every Heartbeat
	timerJoin   = "join"   // the join is answered with an error
	timerGather = "gather" // a coordinator with a quorum of promises waits no longer for the rest
	timerSoon   = "soon"   // all that had arrived is dealt with
)

func New(cfg gms.Config) gms.Core {
	if cfg.Heartbeat <= 0 {
		cfg.Heartbeat = defaultHeartbeat
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.JoinTimeout <= 0 {
		cfg.JoinTimeout = defaultJoinTimeout
	}
	if cfg.History <= 0 {
		cfg.History = defaultHistory
	}
	if cfg.MinPrimary <= 0 {
		cfg.MinPrimary = 1
	}
	return &primary{cfg: cfg, self: cfg.Member()}
}

// Step handles one input.
func (p *primary) Step(now time.Duration, in gms.Input) []gms.Effect {
	p.now = now
	p.out = p.out[:0]
	p.noticeStall()
	switch in := in.(type) {
	case gms.Join:
		p.joinRequest(in)
	case gms.Leave:
		p.leaveRequest(in)
	case gms.Multicast:
		p.multicast(in)
	case gms.Receive:
		if m, ok := in.Message.(*wire.Message); ok && in.From != p.self {
			p.receive(in.From, m)
		}
	case gms.Closed:
		p.connectionClosed(in.Node)
	case gms.Timer:
		p.timer(in.ID)
	}
	return p.out
}

func (p *primary) timer(id string) {
	switch id {
	case timerSoon:
		p.settle()
	case timerTick:
		p.tick()
	case timerJoin:
		p.joinTimedOut()
	case timerGather:
		if p.coord != nil && p.coord.gather {
			p.coord.gathered = true
			p.propose()
		}
	}
}

// tick is all that happens by time alone, every Heartbeat.
func (p *primary) tick() {
	switch p.mode {
	case joining:
		p.askToJoin()
	case inside:
		p.signOfLife()
		p.resubmit()
		p.settle() // should its timer have been lost
		p.nackedAt, p.viewAsked = -1, 0
		p.suspect()
		p.retryViewChange()
		p.searchGroup()
		p.leave()
	case gone:
		p.tellSuccessors()
	}
	if p.mode != gone || len(p.unconfirmed) > 0 || p.leaveOpen {
		p.tickDue = p.now + p.cfg.Heartbeat
		p.do(gms.SetTimer{ID: timerTick, After: p.cfg.Heartbeat})
	}
}

// receive hands a message to the rule for it. What is tagged with another view
// than ours says only that one of us is behind.
func (p *primary) receive(from string, m *wire.Message) {
	switch m.Type {
	case wire.Join, wire.Challenge, wire.Response:
		p.atTheDoor(from, m)
		return
	case wire.Decide:
		p.learn(from, m.Decision)
		return
	case wire.Excluded:
		p.excluded(from, m.View)
		return
	}
	switch {
	case p.mode == gone || p.mode == inside && m.View < p.view:
		p.answerStale(from, m)
	case p.mode != inside:
		// Without a view there is nothing to say.
	case m.View > p.view:
		p.askView(from)
	case slices.Contains(p.members, from):
		p.heardFrom(from)
		p.inView(from, m)
	}
}

// inView handles a message of our own view from one of its members.
func (p *primary) inView(from string, m *wire.Message) {
	switch m.Type {
	case wire.Submit:
		p.onSubmit(m)
	case wire.Order:
		p.onOrder(from, m)
	case wire.Ack:
		p.onAck(from, m)
	case wire.Heartbeat:
		p.onHeartbeat(from, m)
	case wire.Nack:
		p.onNack(from, m)
	case wire.PreVote:
		p.onPreVote(from, m)
	case wire.PreVoteOK:
		p.onPreVoteOK(from, m)
	case wire.Prepare:
		p.onPrepare(from, m)
	case wire.Promise:
		p.onPromise(from, m)
	case wire.Accept:
		p.onAccept(from, m)
	case wire.Accepted:
		p.onAccepted(from, m)
	case wire.ViewRequest:
		p.assure(from)
	}
}

func (p *primary) do(e gms.Effect)                 { p.out = append(p.out, e) }
func (p *primary) send(to string, m *wire.Message) { p.do(gms.Send{To: to, Message: m}) }
func (p *primary) logf(format string, args ...any) { p.do(gms.Log{Text: fmt.Sprintf(format, args...)}) }

// broadcast sends m to every other member, in the view's order.
func (p *primary) broadcast(m *wire.Message) {
	for _, to := range p.members {
		if to != p.self {
			p.send(to, m)
		}
	}
}

func (p *primary) fail(req uint64, code int, format string, args ...any) {
	p.do(gms.Reply{Req: req, Failed: &gms.Failure{Code: code, Text: fmt.Sprintf(format, args...)}})
}

func (p *primary) leads() bool       { return p.mode == inside && p.members[0] == p.self }
func (p *primary) leader() string    { return p.members[0] }
func (p *primary) has(m string) bool { return slices.Contains(p.members, m) }

// quorum is quorum of the view.
func (p *primary) quorum(in func(string) bool) bool {
	if p.mutant(noQuorum) {
		return slices.ContainsFunc(p.members, in)
	}
	if p.mutant(halfQuorum) {
		return 2*count(p.members, in) >= len(p.members)
	}
	return quorum(p.members, in)
}

// sorted is the members in a table, in one fixed order.
func sorted(table map[string]int) []string { return slices.Sorted(maps.Keys(table)) }
