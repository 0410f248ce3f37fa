package ladder

import (
	"encoding/json"
	"errors"
	"fmt"

	"groupy/node/gms"
)

// The messages of gms1 to gms4. Each carries its kind as "t", so that Decode
// can tell them apart.

// Kinds of cast and request.
const (
	kindMsg       = "msg"       // cast: a client's message
	kindView      = "view"      // cast: a view
	kindMcast     = "mcast"     // request: multicast this for Member
	kindJoin      = "join"      // request: admit Member
	kindLeave     = "leave"     // request: let Member go
	kindHeartbeat = "heartbeat" // the leader lives
	kindHeir      = "heir"      // the leader leaves, and the receiver is next
	kindInstalled = "installed" // that is so, or the leaving leader's view is installed
	kindNack      = "nack"      // send these again (gms4)
)

// cast is what a leader broadcasts to its slaves: a client's message or a view.
// One counter numbers both kinds (gms3, gms4); gms1 and gms2 leave N at 0.
type cast struct {
	Type string `json:"t"`
	N    uint64 `json:"n,omitempty"`

	Msg     string          `json:"msg,omitempty"`
	Sender  string          `json:"sender,omitempty"` // the member that was asked to multicast Msg
	Payload json.RawMessage `json:"payload,omitempty"`

	View    uint64   `json:"view,omitempty"`
	Members []string `json:"members,omitempty"` // leader first, then slaves in order of admission

	Waiting []request `json:"waiting,omitempty"` // what a leader that leaves did not serve any more
}

// request is what anyone asks of the leader, directly or through slaves. It has
// no number and is never acknowledged: it may be lost, doubled or overtaken.
type request struct {
	Type    string          `json:"t"`
	Member  string          `json:"member"`
	Msg     string          `json:"msg,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// heartbeat is a leader's sign of life to its slaves.
type heartbeat struct {
	Type string `json:"t"`
}

// heir tells the next in line that the leader is leaving.
type heir struct {
	Type string `json:"t"`
	View uint64 `json:"view"` // the one that it will head
}

// installed tells a leaving leader that its heir is ready, or that another slave
// follows the heir.
type installed struct {
	Type string `json:"t"`
	View uint64 `json:"view"`
}

// nack asks the leader for the casts numbered From to To, both included.
type nack struct {
	Type string `json:"t"`
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Kind names the message.
func (c cast) Kind() string { return c.Type }

// Kind names the message.
func (r request) Kind() string { return r.Type }

// Kind names the message.
func (h heartbeat) Kind() string { return h.Type }

// Kind names the message.
func (h heir) Kind() string { return h.Type }

// Kind names the message.
func (i installed) Kind() string { return i.Type }

// Kind names the message.
func (n nack) Kind() string { return n.Type }

// decodeLadder is the inverse of json.Marshal on the messages of gms1 to gms4.
func Decode(raw []byte) (gms.Message, error) {
	var head struct {
		Type string `json:"t"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("not a message of gms1 to gms4: %w", err)
	}
	switch head.Type {
	case kindMsg, kindView:
		m, err := decodeAs[cast](raw)
		if err == nil && head.Type == kindView && len(m.(cast).Members) == 0 {
			return nil, errors.New("view of gms1 to gms4 without members")
		}
		return m, err
	case kindMcast, kindJoin, kindLeave:
		return decodeAs[request](raw)
	case kindHeartbeat:
		return decodeAs[heartbeat](raw)
	case kindHeir:
		return decodeAs[heir](raw)
	case kindInstalled:
		return decodeAs[installed](raw)
	case kindNack:
		return decodeAs[nack](raw)
	}
	return nil, fmt.Errorf("not a message of gms1 to gms4: kind %q", head.Type)
}

func decodeAs[M gms.Message](raw []byte) (gms.Message, error) {
	var m M
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("message of gms1 to gms4 (%T): %w", m, err)
	}
	return m, nil
}
