// Package gms holds the group protocols gms1 to gms5 as pure state machines:
// an input in, effects out. There is no goroutine, clock, socket, lock, global
// randomness or dependence on map order inside, so that the same inputs give
// the same effects in every world, on every machine. It imports nothing of
// Groupy's.
package gms

import (
	"encoding/json"
	"time"
)

// Core is one member's protocol. Step handles one input that arrives at time
// now (since any fixed origin; it never runs backwards) and returns the effects
// in the order in which they take place. Whoever runs the core performs them in
// that order: a member killed between two effects has done the first and not
// the second. The slice is valid until the next Step.
//
// A core never changes a Message that it was given or has handed out: in the
// simulated world the same value is in several members' hands.
type Core interface {
	Step(now time.Duration, in Input) []Effect
}

// Config is what a core is told at its start.
type Config struct {
	Node        string   // n1
	Incarnation int      // 1 for the first start
	Nodes       []string // the roster, this node included
	Seed        uint64

	Heartbeat   time.Duration // between two signs of life; default 100 ms
	Timeout     time.Duration // silence after which a member is suspected; default 1 s
	JoinTimeout time.Duration // default 5 s
	History     int           // messages kept for resending (gms4), limit of the log (gms5); 0: the protocol's default
	MinPrimary  int           // smallest primary view (gms5); default 1
	Durable     bool          // Persist effects tell what may not be forgotten; the core must be a Keeper
	Mutant      string        // a named one-line removal, for testing the harness; "" for none
}

// Member is the name of this member, n1.1.
func (c Config) Member() string { return member(c.Node, c.Incarnation) }

// Keeper is a core that can be brought back from what it had persisted.
type Keeper interface {
	Core
	// Checkpoint gives a base that stands for all records so far, nil if there can be
	// none now. It may be called between two steps, once all effects of the last one
	// have taken place: what the base holds as delivered is never delivered again.
	Checkpoint() json.RawMessage
	// Restore brings a fresh core back to where the last base (nil: none) and the
	// records since then leave off. Its effects are those of the way there that may
	// not have been seen: a Resume or Install first, then what was delivered or
	// installed since, and at last what a core that wakes has to do. An error says
	// that base and records are not what a core persisted; the core is then void.
	Restore(now time.Duration, base json.RawMessage, records []json.RawMessage) ([]Effect, error)
}

// Message is what one core says to another. Kind names it for people and for
// triggers ("order", "accept").
type Message interface{ Kind() string }

// Input is one of Join, Leave, Multicast, Receive, Closed and Timer.
type Input interface{ input() }

type (
	// Join asks the core to create a group (no contacts) or to join through the
	// contacts, nodes to be asked in order. Answered by Reply.
	Join struct {
		Req      uint64
		Contacts []string
	}
	// Leave asks the core to leave. Answered by Reply.
	Leave struct{ Req uint64 }
	// Multicast asks the core to multicast Msg. Answered by Reply once the
	// message is delivered here, or when it never will be.
	Multicast struct {
		Req     uint64
		Msg     string
		Payload json.RawMessage
	}
	// Receive is a message from another member.
	Receive struct {
		From    string // member
		Message Message
	}
	// Closed says that the connection from a node was closed or reset by the
	// other side. Only runtimes with connections report it.
	Closed struct{ Node string }
	// Timer is a timer set by SetTimer that has run out.
	Timer struct{ ID string }
)

func (Join) input()      {}
func (Leave) input()     {}
func (Multicast) input() {}
func (Receive) input()   {}
func (Closed) input()    {}
func (Timer) input()     {}

// Effect is one of Send, SetTimer, CancelTimer, Deliver, Install, Sent, Flush,
// Evict, Reply, Log, and in durable mode Persist and Resume.
type Effect interface{ effect() }

type (
	// Send gives a message to another member. To is a member name; what is sent
	// to a member whose process is gone does not reach its successor. A bare
	// node name reaches whatever incarnation runs there (a join's contact).
	Send struct {
		To      string
		Message Message
	}
	// SetTimer asks for Timer{ID} after After; the same ID again replaces it. A timer
	// of no length runs out once all inputs that have arrived by then are handed over,
	// so that a core can answer them together.
	SetTimer struct {
		ID    string
		After time.Duration
	}
	// CancelTimer takes a timer back; an unknown one is no error.
	CancelTimer struct{ ID string }
	// Deliver hands a message to the application. Sender is the member that was
	// asked to multicast it. The effect is a pointer to it, since there are many.
	Deliver struct {
		Msg     string
		Sender  string
		View    string
		Payload json.RawMessage
	}
	// Install installs a view. The first member leads.
	Install struct {
		View    string
		Members []string
	}
	// Sent says in which view a client's message was sent.
	Sent struct{ Msg, View string }
	// Flush says that sends are held back (On) or no longer.
	Flush struct{ On bool }
	// Evict says that this member learned that it is no longer one.
	Evict struct{ Reason string }
	// Reply answers the request Req: with success, or with Failed.
	Reply struct {
		Req    uint64
		Failed *Failure
	}
	// Persist asks for a record to be on stable storage before any effect that
	// follows it takes place. Own is the id of the multicast that the record numbers,
	// if it does that. A Lazy record may come later (a mutant's).
	Persist struct {
		Record json.RawMessage
		Own    string
		Lazy   bool
	}
	// Resume says that a restored core stands again in a view that it had installed.
	Resume struct {
		View    string
		Members []string
	}
	// Log is a line for the node's log.
	Log struct{ Text string }
)

// Failure is an error of the contract: Code as in CONTRACT.md (11: cannot be
// done now and was not; 0 and 13: unknown outcome).
type Failure struct {
	Code int
	Text string
}

func (Send) effect()        {}
func (SetTimer) effect()    {}
func (CancelTimer) effect() {}
func (*Deliver) effect()    {}
func (Install) effect()     {}
func (Sent) effect()        {}
func (Flush) effect()       {}
func (Evict) effect()       {}
func (Reply) effect()       {}
func (Log) effect()         {}
func (Persist) effect()     {}
func (Resume) effect()      {}
