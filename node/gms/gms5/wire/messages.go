package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"groupy/node/gms"
)

// The kinds of gms5's messages. All but the joins' carry the view that they
// belong to; the fields beside each are the ones that it uses.
const (
	Submit      = "submit"   // Entries: an origin to its leader, its next own messages
	Order       = "order"    // First, Entries, Commit, Stable, At: a leader's log from place First on
	Ack         = "ack"      // N, At, Leaving: my log holds 1..N; also a member's sign of life
	Heartbeat   = "hb"       // N, Commit, Stable, At: a leader's sign of life
	Nack        = "nack"     // N: send me what follows N. With Ballot: I promised that one, yours is lower
	PreVote     = "prevote"  // At: I miss the leader, do you?
	PreVoteOK   = "pvok"     // At: I miss it too
	Prepare     = "prepare"  // Ballot
	Promise     = "promise"  // Ballot, First, Entries, Accepted, Leaving: my log and what I accepted
	Accept      = "accept"   // Ballot, Value
	Accepted    = "accepted" // Ballot
	Decide      = "decide"   // Decision
	ViewRequest = "viewreq"  // my view is View; what came after it?
	Excluded    = "excl"     // my view is View, and you are not in it
	Join        = "join"     // Member wants to join; from itself or passed on
	Challenge   = "jchal"    // At: can you hear me?
	Response    = "jresp"    // At: yes, and you me
)

// Message is every message of gms5, one struct for all kinds as in
// etcd's raft: what is not used stays zero and off the wire. It is never
// changed once it is made.
type Message struct {
	Type     string        `json:"kind"`
	View     int           `json:"view,omitempty"`
	First    int           `json:"first,omitempty"` // place in the log of Entries[0]
	Entries  []Entry       `json:"entries,omitempty"`
	N        int           `json:"n,omitempty"`      // length of the log
	Commit   int           `json:"commit,omitempty"` // places up to here are acknowledged by a quorum
	Stable   int           `json:"stable,omitempty"` // places up to here are held by every member
	At       time.Duration `json:"at,omitempty"`     // the asker's own clock, echoed by the answer
	Leaving  bool          `json:"leaving,omitempty"`
	Ballot   *Ballot       `json:"ballot,omitempty"`
	Accepted *Vote         `json:"accepted,omitempty"`
	Value    *Value        `json:"value,omitempty"`
	Decision *Decision     `json:"decision,omitempty"`
	Member   string        `json:"member,omitempty"`
}

// Kind names the message for people and triggers.
func (m *Message) Kind() string { return m.Type }

// Entry is one multicast: the Seq-th (from 1) that Origin was asked for.
type Entry struct {
	Origin  string          `json:"origin"`
	Seq     int             `json:"seq"`
	Msg     string          `json:"msg"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// follows reports whether e is the next message of the same origin.
func (e *Entry) follows(before *Entry) bool {
	return e.Seq == before.Seq+1 && e.Origin == before.Origin
}

// size is about what an entry takes in a frame.
func (e Entry) Size() int { return len(e.Origin) + len(e.Msg) + len(e.Payload) + 48 }

// same compares what names an entry.
func (e Entry) Same(o Entry) bool {
	return e.Origin == o.Origin && e.Seq == o.Seq && e.Msg == o.Msg
}

// Ballot orders the attempts to decide one view's successor. The zero
// ballot is below all others.
type Ballot struct {
	Round int    `json:"round"`
	By    string `json:"by"`
}

func (b Ballot) Less(o Ballot) bool {
	return b.Round < o.Round || b.Round == o.Round && b.By < o.By
}

func (b Ballot) String() string { return fmt.Sprintf("%d/%s", b.Round, b.By) }

// Value is what the members of a view decide: the view's final log and the
// members of its successor. Log begins after place Start; what is before is
// stable, so every member has it.
type Value struct {
	Start   int      `json:"start,omitempty"`
	Log     []Entry  `json:"log,omitempty"`
	Members []string `json:"members"`
}

func (v *Value) End() int { return v.Start + len(v.Log) }

// Vote is a value accepted in a ballot.
type Vote struct {
	Ballot Ballot `json:"ballot"`
	Value  *Value `json:"value"`
}

// Decision is the decided successor of View, with all that a joiner needs.
// The application lives above the core and sends its state by multicast, so the
// base state at the boundary is the dedupe table alone.
type Decision struct {
	View  int            `json:"view"` // the view that ends; its successor is View+1
	Old   []string       `json:"old"`  // its members
	Value *Value         `json:"value"`
	Last  map[string]int `json:"last"` // the dedupe table after the final log
}

// sameAs compares two decisions of one view. A value is passed on unchanged, so
// even the places where their logs begin must be equal.
func (d *Decision) SameAs(o *Decision) bool {
	return d == o || slices.Equal(d.Value.Members, o.Value.Members) && d.Value.Start == o.Value.Start &&
		slices.EqualFunc(d.Value.Log, o.Value.Log, Entry.Same) && maps.Equal(d.Last, o.Last)
}

// complete adds origin and number to entries that were written without.
func (m *Message) complete() {
	for i := 1; i < len(m.Entries); i++ {
		if e, before := &m.Entries[i], &m.Entries[i-1]; e.Origin == "" && e.Seq == 0 {
			e.Origin, e.Seq = before.Origin, before.Seq+1
		}
	}
}

// decodeGMS5 is the inverse of AppendJSON, and of json.Marshal, on gms5's messages.
func Decode(data []byte) (gms.Message, error) {
	m, ok := parse(data)
	if !ok {
		m = new(Message)
		if err := json.Unmarshal(data, m); err != nil {
			return nil, fmt.Errorf("gms5 message: %w", err)
		}
		m.complete()
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("gms5 message: %w", err)
	}
	return m, nil
}

// check refuses a message that lacks what its kind needs, so that the core
// never meets a nil.
func (m *Message) check() error {
	missing := ""
	switch m.Type {
	case Submit, Order, Ack, Heartbeat, Nack, PreVote, PreVoteOK, ViewRequest, Excluded,
		Challenge, Response:
	case Prepare, Promise, Accepted:
		if m.Ballot == nil {
			missing = "ballot"
		}
	case Accept:
		if m.Ballot == nil || m.Value == nil {
			missing = "ballot or value"
		}
	case Decide:
		if m.Decision == nil || m.Decision.Value == nil {
			missing = "decision"
		}
	case Join:
		if m.Member == "" {
			missing = "member"
		}
	default:
		return fmt.Errorf("unknown kind %q", m.Type)
	}
	if m.Accepted != nil && m.Accepted.Value == nil {
		missing = "accepted value"
	}
	if missing != "" {
		return fmt.Errorf("%s without %s", m.Type, missing)
	}
	return nil
}
