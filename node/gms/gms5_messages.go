package gms

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The kinds of gms5's messages. All but the joins' carry the view that they
// belong to; the fields beside each are the ones that it uses.
const (
	gms5Submit   = "submit"   // Entries: an origin to its leader, its next own messages
	gms5Order    = "order"    // First, Entries, Commit, Stable, At: a leader's log from place First on
	gms5Ack      = "ack"      // N, At, Leaving: my log holds 1..N; also a member's sign of life
	gms5HB       = "hb"       // N, Commit, Stable, At: a leader's sign of life
	gms5Nack     = "nack"     // N: send me what follows N. With Ballot: I promised that one, yours is lower
	gms5PreVote  = "prevote"  // At: I miss the leader, do you?
	gms5PVOK     = "pvok"     // At: I miss it too
	gms5Prepare  = "prepare"  // Ballot
	gms5Promise  = "promise"  // Ballot, First, Entries, Accepted, Leaving: my log and what I accepted
	gms5Accept   = "accept"   // Ballot, Value
	gms5Accepted = "accepted" // Ballot
	gms5Decide   = "decide"   // Decision
	gms5ViewReq  = "viewreq"  // my view is View; what came after it?
	gms5Excl     = "excl"     // my view is View, and you are not in it
	gms5Join     = "join"     // Member wants to join; from itself or passed on
	gms5JChal    = "jchal"    // At: can you hear me?
	gms5JResp    = "jresp"    // At: yes, and you me
)

// gms5Message is every message of gms5, one struct for all kinds as in
// etcd's raft: what is not used stays zero and off the wire. It is never
// changed once it is made.
type gms5Message struct {
	Type     string        `json:"kind"`
	View     int           `json:"view,omitempty"`
	First    int           `json:"first,omitempty"` // place in the log of Entries[0]
	Entries  []gms5Entry   `json:"entries,omitempty"`
	N        int           `json:"n,omitempty"`      // length of the log
	Commit   int           `json:"commit,omitempty"` // places up to here are acknowledged by a quorum
	Stable   int           `json:"stable,omitempty"` // places up to here are held by every member
	At       time.Duration `json:"at,omitempty"`     // the asker's own clock, echoed by the answer
	Leaving  bool          `json:"leaving,omitempty"`
	Ballot   *gms5Ballot   `json:"ballot,omitempty"`
	Accepted *gms5Vote     `json:"accepted,omitempty"`
	Value    *gms5Value    `json:"value,omitempty"`
	Decision *gms5Decision `json:"decision,omitempty"`
	Member   string        `json:"member,omitempty"`
}

// Kind names the message for people and triggers.
func (m *gms5Message) Kind() string { return m.Type }

// gms5Entry is one multicast: the Seq-th (from 1) that Origin was asked for.
type gms5Entry struct {
	Origin  string          `json:"origin"`
	Seq     int             `json:"seq"`
	Msg     string          `json:"msg"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// follows reports whether e is the next message of the same origin.
func (e *gms5Entry) follows(before *gms5Entry) bool {
	return e.Seq == before.Seq+1 && e.Origin == before.Origin
}

func (e gms5Entry) same(o gms5Entry) bool {
	return e.Origin == o.Origin && e.Seq == o.Seq && e.Msg == o.Msg
}

// gms5Ballot orders the attempts to decide one view's successor. The zero
// ballot is below all others.
type gms5Ballot struct {
	Round int    `json:"round"`
	By    string `json:"by"`
}

func (b gms5Ballot) less(o gms5Ballot) bool {
	return b.Round < o.Round || b.Round == o.Round && b.By < o.By
}

func (b gms5Ballot) String() string { return fmt.Sprintf("%d/%s", b.Round, b.By) }

// gms5Value is what the members of a view decide: the view's final log and the
// members of its successor. Log begins after place Start; what is before is
// stable, so every member has it.
type gms5Value struct {
	Start   int         `json:"start,omitempty"`
	Log     []gms5Entry `json:"log,omitempty"`
	Members []string    `json:"members"`
}

func (v *gms5Value) end() int { return v.Start + len(v.Log) }

// gms5Vote is a value accepted in a ballot.
type gms5Vote struct {
	Ballot gms5Ballot `json:"ballot"`
	Value  *gms5Value `json:"value"`
}

// gms5Decision is the decided successor of View, with all that a joiner needs.
// The application lives above the core and sends its state by multicast, so the
// base state at the boundary is the dedupe table alone.
type gms5Decision struct {
	View  int            `json:"view"` // the view that ends; its successor is View+1
	Old   []string       `json:"old"`  // its members
	Value *gms5Value     `json:"value"`
	Last  map[string]int `json:"last"` // the dedupe table after the final log
}

// sameAs compares two decisions of one view. A value is passed on unchanged, so
// even the places where their logs begin must be equal.
func (d *gms5Decision) sameAs(o *gms5Decision) bool {
	return d == o || slices.Equal(d.Value.Members, o.Value.Members) && d.Value.Start == o.Value.Start &&
		slices.EqualFunc(d.Value.Log, o.Value.Log, gms5Entry.same) && maps.Equal(d.Last, o.Last)
}

// complete adds origin and number to entries that were written without.
func (m *gms5Message) complete() {
	for i := 1; i < len(m.Entries); i++ {
		if e, before := &m.Entries[i], &m.Entries[i-1]; e.Origin == "" && e.Seq == 0 {
			e.Origin, e.Seq = before.Origin, before.Seq+1
		}
	}
}

// decodeGMS5 is the inverse of AppendJSON, and of json.Marshal, on gms5's messages.
func decodeGMS5(data []byte) (Message, error) {
	m, ok := parseGMS5(data)
	if !ok {
		m = new(gms5Message)
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
func (m *gms5Message) check() error {
	missing := ""
	switch m.Type {
	case gms5Submit, gms5Order, gms5Ack, gms5HB, gms5Nack, gms5PreVote, gms5PVOK, gms5ViewReq, gms5Excl,
		gms5JChal, gms5JResp:
	case gms5Prepare, gms5Promise, gms5Accepted:
		if m.Ballot == nil {
			missing = "ballot"
		}
	case gms5Accept:
		if m.Ballot == nil || m.Value == nil {
			missing = "ballot or value"
		}
	case gms5Decide:
		if m.Decision == nil || m.Decision.Value == nil {
			missing = "decision"
		}
	case gms5Join:
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
