package ladder

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"groupy/node/gms"
)

// phase is where a member is in its life.
type phase int

const (
	outside   phase = iota // no view, none asked for
	joining                // asked to be admitted; a view may still come after the answer did
	following              // a slave
	leading                // the leader; it never becomes a slave again
	retiring               // a leader that hands over (leave.go)
	gone                   // has left
)

// group is the group process that gms1 to gms4 share: requests, views and the
// broadcast in list order. What a level adds is in its order and its watch.
type group struct {
	cfg   gms.Config
	me    string // this member
	order order
	watch watch

	now     time.Duration
	out     []gms.Effect
	phase   phase
	changed bool // something happened that may let waiting messages match
	box     mailbox
	boxFull bool

	// members is the group as this member believes it to be: its leader first,
	// then the slaves in order of admission. After a leader's death it is ahead of
	// the view installed last. Invariants: a follower is in it and not its head; a
	// leader, also a retiring one, is its head.
	members []string
	view    uint64 // installed last

	pending  map[string]uint64 // own messages not yet delivered here, and their requests
	join     uint64            // open join request, or 0
	contacts []string          // contacts not asked yet
	leave    uint64            // open leave request, or 0
	leaving  bool
	heir     bool     // the leader is leaving, and this slave is next
	handover cast     // the view that a retiring leader leaves behind
	told     bool     // the heir has confirmed, all others were sent it
	unsure   []string // those of them that have not confirmed it
}

// order is what a level knows of the order of casts.
type order interface {
	stamp(c *cast)             // number a cast that this leader is about to broadcast
	judge(c cast) verdict      // what a slave does with a cast now
	taken(c cast)              // a cast was delivered or installed here, by leader or slave
	waits(c cast)              // a cast that a slave cannot take yet was put aside
	takeover()                 // this member was elected; its view is not sent yet
	asked(from string, m nack) // a slave asks for casts again
	timer(id string)           // a timer ran out
	reset()                    // this member begins anew, outside of any group
}

// watch is what a level knows of the life of its leader.
type watch interface {
	follow(heard bool)                // members[0], from now on; whether it was just heard
	lead()                            // this member leads from now on
	stop()                            // this member is no longer in a group
	heard(from string, m gms.Message) // a message came from that member
	closed(node string)               // the connection from that node is gone
	timer(id string)                  // a timer ran out
}

func newGroup(c gms.Config) *group {
	if c.Heartbeat <= 0 {
		c.Heartbeat = 100 * time.Millisecond
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Second
	}
	if c.JoinTimeout <= 0 {
		c.JoinTimeout = 5 * time.Second
	}
	return &group{
		cfg: c, me: c.Member(), pending: map[string]uint64{},
		order: unnumbered{}, watch: unwatched{},
	}
}

// Step handles one input.
func (g *group) Step(now time.Duration, in gms.Input) []gms.Effect {
	g.now, g.out = now, g.out[:0]
	switch in := in.(type) {
	case gms.Join:
		g.askJoin(in)
	case gms.Leave:
		g.askLeave(in)
	case gms.Multicast:
		g.askMulticast(in)
	case gms.Receive:
		g.receive(in.From, in.Message)
	case gms.Closed:
		g.watch.closed(in.Node)
	case gms.Timer:
		g.timer(in.ID)
	}
	g.reread()
	return g.out
}

// The shared timers; a level's own are beside what it adds.
const (
	timerJoin     = "join"
	timerLeave    = "leave"
	timerHandover = "handover"
)

func (g *group) timer(id string) {
	switch id {
	case timerJoin:
		g.joinTimeout()
	case timerLeave:
		g.leaveTimeout()
	case timerHandover:
		g.retire()
	default:
		g.watch.timer(id)
		g.order.timer(id)
	}
}

func (g *group) viewID() string { return strconv.FormatUint(g.view, 10) }

func (g *group) emit(e gms.Effect) { g.out = append(g.out, e) }

func (g *group) send(to string, m gms.Message) { g.emit(gms.Send{To: to, Message: m}) }

func (g *group) fail(req uint64, code int, text string) {
	g.emit(gms.Reply{Req: req, Failed: &gms.Failure{Code: code, Text: text}})
}

// logf writes a line as the original did: the role, and the number of the node
// (n2 is "slave 2" whatever its rank, so that one node's lines stay together).
func (g *group) logf(format string, args ...any) {
	role := "slave"
	switch g.phase {
	case leading, retiring:
		role = "leader"
	case outside, joining:
		role = "joiner"
	}
	number := strings.TrimPrefix(g.cfg.Node, "n")
	if _, err := strconv.Atoi(number); err != nil {
		number = g.cfg.Node
	}
	g.emit(gms.Log{Text: role + " " + number + ": " + fmt.Sprintf(format, args...)})
}
