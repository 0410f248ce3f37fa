package gms

import (
	"encoding/json"
	"strconv"
	"strings"
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
	Muted       bool          // a broken invariant is logged, and the core goes on: to see what else falls
}

// Member is the name of this member, n1.1.
func (c Config) Member() string { return c.Node + "." + strconv.Itoa(c.Incarnation) }

// SplitMember is the inverse of Config.Member; a bare node has incarnation 0.
func SplitMember(member string) (node string, incarnation int) {
	dot := strings.LastIndexByte(member, '.')
	if dot < 0 {
		return member, 0
	}
	incarnation, _ = strconv.Atoi(member[dot+1:])
	return member[:dot], incarnation
}

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
