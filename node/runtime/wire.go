package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"groupy/node"
	"groupy/node/gms"
)

// typePeer is the body type of a message between two built-in nodes.
const typePeer = "gms"

// Wire writes and reads the messages between built-in nodes. They are envelopes
// of the contract on every transport:
//
//	{"src":"n1","dest":"n2","body":{"type":"gms","from":"n1.1","to":"n2.1","m":{…}}}
//
// with m as the protocol writes it. A Wire is a value and safe for concurrent
// use.
type Wire struct {
	node   string
	member string
	decode func([]byte) (gms.Message, error)
}

// Wire is the way in which this machine's messages are written.
func (m *Machine) Wire() Wire { return Wire{m.setup.core.Node, m.self, m.setup.protocol.Decode} }

// Append appends the envelope of one message to buf, without a newline. It is
// put together by hand since it is written for every message that is sent; names
// of nodes and members are quoted only.
func (w Wire) Append(buf []byte, s Send) ([]byte, error) {
	raw, err := node.Encode(s.Message)
	if err != nil {
		return buf, fmt.Errorf("encode %s to %s: %w", s.Message.Kind(), s.To, err)
	}
	dest, _ := node.SplitMember(s.To)
	buf = append(buf, `{"src":`...)
	buf = appendString(buf, w.node)
	buf = append(buf, `,"dest":`...)
	buf = appendString(buf, dest)
	buf = append(buf, `,"body":{"type":"`+typePeer+`","from":`...)
	buf = appendString(buf, w.member)
	buf = append(buf, `,"to":`...)
	buf = appendString(buf, s.To)
	buf = append(buf, `,"m":`...)
	buf = append(buf, raw...)
	return append(buf, `}}`...), nil
}

// appendString quotes a name for JSON. Names are a letter and a number as a
// rule, and then this is a copy.
func appendString(buf []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := node.Encode(name)
			if err != nil {
				panic(fmt.Sprintf("runtime: a name that JSON cannot express: %v", err))
			}
			return append(buf, quoted...)
		}
	}
	buf = append(buf, '"')
	buf = append(buf, name...)
	return append(buf, '"')
}

// Parse reads what Append wrote, and any other JSON that says the same.
func (w Wire) Parse(envelope []byte) (Peer, error) {
	if b, ok := splitOwn(envelope); ok {
		if p, err := w.peer(b); err == nil {
			return p, nil
		}
	}
	var e struct {
		Body peerBody `json:"body"`
	}
	if err := json.Unmarshal(envelope, &e); err != nil {
		return Peer{}, fmt.Errorf("message between nodes: %w", err)
	}
	return w.peer(e.Body)
}

// splitOwn takes apart an envelope that looks as Append writes it, which nearly
// all do, without reading m twice more. Whether m is JSON is left to its decoder.
func splitOwn(envelope []byte) (b peerBody, ok bool) {
	rest := envelope
	b.Type = typePeer
	for _, part := range []struct {
		before string
		name   *string
	}{
		{`{"src":"`, nil}, {`,"dest":"`, nil}, {`,"body":{"type":"` + typePeer + `","from":"`, &b.From}, {`,"to":"`, &b.To},
	} {
		if rest, ok = bytes.CutPrefix(rest, []byte(part.before)); !ok {
			return b, false
		}
		end := bytes.IndexAny(rest, `"\`)
		if end < 0 || rest[end] != '"' {
			return b, false
		}
		if part.name != nil {
			*part.name = string(rest[:end])
		}
		rest = rest[end+1:]
	}
	rest, before := bytes.CutPrefix(rest, []byte(`,"m":`))
	rest, after := bytes.CutSuffix(rest, []byte(`}}`))
	b.M = rest
	return b, before && after
}

// ParseBody reads the body alone, where the envelope has been opened already.
func (w Wire) ParseBody(body []byte) (Peer, error) {
	var b peerBody
	if err := json.Unmarshal(body, &b); err != nil {
		return Peer{}, fmt.Errorf("body of a message between nodes: %w", err)
	}
	return w.peer(b)
}

type peerBody struct {
	Type string          `json:"type"`
	From string          `json:"from"`
	To   string          `json:"to"`
	M    json.RawMessage `json:"m"`
}

func (w Wire) peer(b peerBody) (Peer, error) {
	if b.Type != typePeer {
		return Peer{}, fmt.Errorf("message between nodes has type %q, not %q", b.Type, typePeer)
	}
	if b.From == "" || b.To == "" || len(b.M) == 0 {
		return Peer{}, errors.New("message between nodes lacks from, to or m")
	}
	m, err := w.decode(b.M)
	if err != nil {
		return Peer{}, fmt.Errorf("message from %s to %s: %w", b.From, b.To, err)
	}
	return Peer{From: b.From, To: b.To, Message: m}, nil
}
