package gms

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// primary is gms5: a primary component by majority of the previous view. Each
// view has one leader, its first member, which orders all messages; a message
// is delivered once a quorum of the view holds it. The successor of a view,
// together with the view's final log, is one decision by consensus among its
// members (single-decree Paxos: Lamport, "Paxos made simple", 2001), so views
// form one chain and whoever goes on to the next view has delivered the same
// messages. A minority blocks and says so.
//
// The files beside this one hold one idea each: gms5_origin.go submits,
// gms5_normal.go orders and delivers, gms5_soon.go gathers what is said, gms5_detector.go suspects,
// gms5_viewchange.go decides, gms5_decide.go acts on decisions, gms5_join.go
// lets members in, gms5_leave.go out, gms5_durable.go brings a member back from
// its disk, and gms5_invariants.go says what must
// never be.
type primary struct {
	cfg  Config
	self string // this member
	mode gms5Mode
	now  time.Duration
	out  []Effect

	view    int      // 0 before the first
	name    string   // the same, as the contract has it
	members []string // the first leads

	// The log of the view. delivered <= commit, and what is delivered is in
	// every possible final log of the view (I3).
	log       gms5Log
	commit    int
	delivered int
	last      map[string]int // highest number delivered per origin: the dedupe table
	ordered   gms5Tally      // the same with the log's undelivered rest

	gms5Sequencer
	gms5Follower
	gms5Origin
	gms5Detector
	gms5Acceptor
	gms5Door
	gms5Keeper

	soonDue bool // the timer of soon is set

	prev *gms5Decision // the last decision known, which ended view prev.View
}

// gms5Mode is what a process is to the group.
type gms5Mode int

const (
	gms5Outside gms5Mode = iota // not asked to join yet
	gms5Joining                 // asks to be let in
	gms5Inside                  // has a view
	gms5Gone                    // left or excluded; answers what it knows, and never comes back
)

// The defaults of Config's fields.
const (
	gms5Heartbeat   = 100 * time.Millisecond
	gms5Timeout     = time.Second
	gms5JoinTimeout = 5 * time.Second
	gms5History     = 10_000 // entries of the log, and own messages not yet delivered
)

// The named timers.
const (
	gms5Tick       = "tick"   // every Heartbeat
	gms5JoinTimer  = "join"   // the join is answered with an error
	gms5GatherWait = "gather" // a coordinator with a quorum of promises waits no longer for the rest
	gms5Soon       = "soon"   // all that had arrived is dealt with
)

func newGMS5(cfg Config) Core {
	if cfg.Heartbeat <= 0 {
		cfg.Heartbeat = gms5Heartbeat
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = gms5Timeout
	}
	if cfg.JoinTimeout <= 0 {
		cfg.JoinTimeout = gms5JoinTimeout
	}
	if cfg.History <= 0 {
		cfg.History = gms5History
	}
	if cfg.MinPrimary <= 0 {
		cfg.MinPrimary = 1
	}
	return &primary{cfg: cfg, self: cfg.Member()}
}

// Step handles one input.
func (p *primary) Step(now time.Duration, in Input) []Effect {
	p.now = now
	p.out = p.out[:0]
	p.noticeStall()
	switch in := in.(type) {
	case Join:
		p.joinRequest(in)
	case Leave:
		p.leaveRequest(in)
	case Multicast:
		p.multicast(in)
	case Receive:
		if m, ok := in.Message.(*gms5Message); ok && in.From != p.self {
			p.receive(in.From, m)
		}
	case Closed:
		p.connectionClosed(in.Node)
	case Timer:
		p.timer(in.ID)
	}
	return p.out
}

func (p *primary) timer(id string) {
	switch id {
	case gms5Soon:
		p.settle()
	case gms5Tick:
		p.tick()
	case gms5JoinTimer:
		p.joinTimedOut()
	case gms5GatherWait:
		if p.coord != nil && p.coord.gather {
			p.coord.gathered = true
			p.propose()
		}
	}
}

// tick is all that happens by time alone, every Heartbeat.
func (p *primary) tick() {
	switch p.mode {
	case gms5Joining:
		p.askToJoin()
	case gms5Inside:
		p.signOfLife()
		p.resubmit()
		p.settle() // should its timer have been lost
		p.nackedAt, p.viewAsked = -1, 0
		p.suspect()
		p.retryViewChange()
		p.searchGroup()
		p.leave()
	case gms5Gone:
		p.tellSuccessors()
	}
	if p.mode != gms5Gone || len(p.unconfirmed) > 0 || p.leaveOpen {
		p.tickDue = p.now + p.cfg.Heartbeat
		p.do(SetTimer{ID: gms5Tick, After: p.cfg.Heartbeat})
	}
}

// receive hands a message to the rule for it. What is tagged with another view
// than ours says only that one of us is behind.
func (p *primary) receive(from string, m *gms5Message) {
	switch m.Type {
	case gms5Join, gms5JChal, gms5JResp:
		p.atTheDoor(from, m)
		return
	case gms5Decide:
		p.learn(from, m.Decision)
		return
	case gms5Excl:
		p.excluded(from, m.View)
		return
	}
	switch {
	case p.mode == gms5Gone || p.mode == gms5Inside && m.View < p.view:
		p.answerStale(from, m)
	case p.mode != gms5Inside:
		// Without a view there is nothing to say.
	case m.View > p.view:
		p.askView(from)
	case slices.Contains(p.members, from):
		p.heardFrom(from)
		p.inView(from, m)
	}
}

// inView handles a message of our own view from one of its members.
func (p *primary) inView(from string, m *gms5Message) {
	switch m.Type {
	case gms5Submit:
		p.onSubmit(m)
	case gms5Order:
		p.onOrder(from, m)
	case gms5Ack:
		p.onAck(from, m)
	case gms5HB:
		p.onHeartbeat(from, m)
	case gms5Nack:
		p.onNack(from, m)
	case gms5PreVote:
		p.onPreVote(from, m)
	case gms5PVOK:
		p.onPreVoteOK(from, m)
	case gms5Prepare:
		p.onPrepare(from, m)
	case gms5Promise:
		p.onPromise(from, m)
	case gms5Accept:
		p.onAccept(from, m)
	case gms5Accepted:
		p.onAccepted(from, m)
	case gms5ViewReq:
		p.assure(from)
	}
}

func (p *primary) do(e Effect)                     { p.out = append(p.out, e) }
func (p *primary) send(to string, m *gms5Message)  { p.do(Send{To: to, Message: m}) }
func (p *primary) logf(format string, args ...any) { p.do(Log{Text: fmt.Sprintf(format, args...)}) }

// broadcast sends m to every other member, in the view's order.
func (p *primary) broadcast(m *gms5Message) {
	for _, to := range p.members {
		if to != p.self {
			p.send(to, m)
		}
	}
}

func (p *primary) fail(req uint64, code int, format string, args ...any) {
	p.do(Reply{Req: req, Failed: &Failure{Code: code, Text: fmt.Sprintf(format, args...)}})
}

func (p *primary) leads() bool       { return p.mode == gms5Inside && p.members[0] == p.self }
func (p *primary) leader() string    { return p.members[0] }
func (p *primary) has(m string) bool { return slices.Contains(p.members, m) }

// quorum is gms5Quorum of the view.
func (p *primary) quorum(in func(string) bool) bool {
	if p.mutant(gms5NoQuorum) {
		return slices.ContainsFunc(p.members, in)
	}
	if p.mutant(gms5HalfQuorum) {
		return 2*gms5Count(p.members, in) >= len(p.members)
	}
	return gms5Quorum(p.members, in)
}

// gms5Split takes a member's name apart; a bare node has incarnation 0.
func gms5Split(member string) (node string, incarnation int) {
	dot := strings.LastIndexByte(member, '.')
	if dot < 0 {
		return member, 0
	}
	n, err := strconv.Atoi(member[dot+1:])
	if err != nil {
		return member, 0
	}
	return member[:dot], n
}

// gms5Sorted is the members in a table, in one fixed order.
func gms5Sorted(table map[string]int) []string { return slices.Sorted(maps.Keys(table)) }
