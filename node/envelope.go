package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Addresses that are not nodes. Client processes are c0, c1, …; nodes are n1,
// n2, ….
const (
	Harness = "harness" // lifecycle requests come from it, observations go to it
	Clock   = "clock"   // the timer service of the virtual worlds
	Disk    = "disk"    // the stable storage of the virtual worlds
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
	return AppendLine(nil, src, dest, now, body)
}

// AppendLine is Line into a buffer.
func AppendLine(buf []byte, src, dest string, now *int64, body any) ([]byte, error) {
	line, err := AppendBody(open(buf, src, dest, now), body)
	if err != nil {
		return buf, fmt.Errorf("from %s to %s: %w", src, dest, err)
	}
	return line, nil
}

// Opening is how every line from src to dest begins, without a now. Who writes many
// keeps it, and puts each body behind it by AppendBody.
func Opening(src, dest string) []byte { return open(nil, src, dest, nil) }

// AppendBody appends a body and the end of its line, which Opening began. It fails
// only for a body that JSON cannot express.
func AppendBody(buf []byte, body any) ([]byte, error) {
	if b, ok := body.(frequent); ok {
		return append(b.appendJSON(buf), '}', '\n'), nil
	}
	raw, err := Encode(body)
	if err != nil {
		return buf, fmt.Errorf("encode %T: %w", body, err)
	}
	return append(append(buf, raw...), '}', '\n'), nil
}

// Forward is Line for a body that is JSON already, as Parse gave it.
func Forward(src, dest string, now *int64, body json.RawMessage) []byte {
	line := make([]byte, 0, len(body)+len(src)+len(dest)+64)
	return append(append(open(line, src, dest, now), body...), '}', '\n')
}

// open appends an envelope up to its body. It is put together by hand, since a run in
// lockstep has millions.
func open(line []byte, src, dest string, now *int64) []byte {
	line = AppendString(append(line, `{"src":`...), src)
	line = AppendString(append(line, `,"dest":`...), dest)
	if now != nil {
		line = strconv.AppendInt(append(line, `,"now":`...), *now, 10)
	}
	return append(line, `,"body":`...)
}

// AppendString quotes a name for JSON. Names are a letter and a number as a rule,
// and then this is a copy.
func AppendString(buf []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := Encode(name)
			if err != nil {
				panic("node: a name that JSON cannot express: " + err.Error()) // there is none
			}
			return append(buf, quoted...)
		}
	}
	buf = append(buf, '"')
	buf = append(buf, name...)
	return append(buf, '"')
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
	if e, ok := split(line); ok {
		var h Head
		// This reads the whole body, so what split took on trust is proven here.
		if err := json.Unmarshal(e.Body, &h); err == nil && h.Type != "" {
			return e, h, nil
		}
	}
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

// split takes a line apart that looks as Line writes it, which nearly all do,
// without reading the body, whose bytes it shares.
func split(line []byte) (e Envelope, ok bool) {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	if e.Src, line, ok = cutName(line, `{"src":"`); !ok {
		return e, false
	}
	if e.Dest, line, ok = cutName(line, `,"dest":"`); !ok {
		return e, false
	}
	if rest, found := bytes.CutPrefix(line, []byte(`,"now":`)); found {
		end := bytes.IndexByte(rest, ',')
		if end < 0 {
			return e, false
		}
		now, err := strconv.ParseInt(string(rest[:end]), 10, 64)
		if err != nil || rest[0] == '+' || rest[0] == '0' && end > 1 {
			return e, false
		}
		e.Now, line = &now, rest[end:]
	}
	body, before := bytes.CutPrefix(line, []byte(`,"body":`))
	body, after := bytes.CutSuffix(body, []byte{'}'})
	e.Body = body
	return e, before && after
}

// cutName cuts a prefix and the plain string after it, with its closing quote.
func cutName(line []byte, prefix string) (name string, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(line, []byte(prefix))
	if !ok {
		return "", line, false
	}
	for i, c := range rest {
		switch {
		case c == '"':
			return string(rest[:i]), rest[i+1:], true
		case c < ' ' || c >= 0x7f || c == '\\':
			return "", line, false
		}
	}
	return "", line, false
}
