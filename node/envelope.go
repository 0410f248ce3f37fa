package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Addresses that are not nodes. Client processes are c0, c1, …; nodes are n1,
// n2, ….
const (
	Harness = "harness" // lifecycle requests come from it, observations go to it
	Clock   = "clock"   // the timer service of the virtual worlds
)

// Envelope is one line of the contract, in either direction.
type Envelope struct {
	Src  string          `json:"src"`
	Dest string          `json:"dest"`
	Now  *int64          `json:"now,omitempty"` // microseconds of virtual time; virtual worlds only
	Body json.RawMessage `json:"body"`
}

// Head is what every body begins with. A request carries MsgID, its reply
// InReplyTo; an observation carries neither.
type Head struct {
	Type      string `json:"type"`
	MsgID     int64  `json:"msg_id,omitempty"`
	InReplyTo int64  `json:"in_reply_to,omitempty"`
}

// Line encodes one envelope with its newline. now is nil in the real world.
// It fails only for a body that JSON cannot express.
func Line(src, dest string, now *int64, body any) ([]byte, error) {
	raw, err := Encode(body)
	if err != nil {
		return nil, fmt.Errorf("encode %T from %s to %s: %w", body, src, dest, err)
	}
	line, err := Encode(Envelope{Src: src, Dest: dest, Now: now, Body: raw})
	if err != nil {
		return nil, fmt.Errorf("encode envelope from %s to %s: %w", src, dest, err)
	}
	return append(line, '\n'), nil
}

// Encode is json.Marshal without the escaping of <, > and &: a message id goes
// over the wire as it was given, so that whoever looks for its bytes in a frame
// finds them.
func Encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), nil
}

// Parse decodes one line and the head of its body. Unknown fields are ignored;
// a line that is no JSON object, or whose body has no type, is an error.
func Parse(line []byte) (Envelope, Head, error) {
	var e Envelope
	if err := json.Unmarshal(line, &e); err != nil {
		return e, Head{}, fmt.Errorf("not a line of the contract: %w", err)
	}
	if len(e.Body) == 0 {
		return e, Head{}, errors.New("not a line of the contract: no body")
	}
	var h Head
	if err := json.Unmarshal(e.Body, &h); err != nil {
		return e, Head{}, fmt.Errorf("body of a line from %q to %q: %w", e.Src, e.Dest, err)
	}
	if h.Type == "" {
		return e, h, fmt.Errorf("body of a line from %q to %q has no type", e.Src, e.Dest)
	}
	return e, h, nil
}
