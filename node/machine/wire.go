package machine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"groupy/node"
	"groupy/node/gms"
)

// TypePeer is the body type of a message between two built-in nodes.
const TypePeer = "gms"

// Wire writes and reads the messages between built-in nodes. They are envelopes
// of the contract on every transport:
//
//	{"src":"n1","dest":"n2","body":{"type":"gms","from":"n1.1","to":"n2.1","m":{…}}}
//
// with m as the protocol writes it. A Wire is a value and safe for concurrent
// use.
type Wire struct {
	Node   string
	Member string
	decode func([]byte) (gms.Message, error)
}

// Wire is the way in which this machine's messages are written.
func (m *Machine) Wire() Wire { return Wire{m.Setup.core.Node, m.self, m.Setup.protocol.Decode} }

// Append appends the envelope of one message to buf, without a newline. It is
// put together by hand since it is written for every message that is sent; names
// of nodes and members are quoted only.
func (w Wire) Append(buf []byte, s Send) ([]byte, error) {
	return w.AppendAs(buf, s, func(buf []byte) ([]byte, error) { return AppendMessage(buf, s.Message) })
}

// AppendAs is Append with the message as body writes it.
func (w Wire) AppendAs(buf []byte, s Send, body func([]byte) ([]byte, error)) ([]byte, error) {
	dest, _ := node.SplitMember(s.To)
	buf = append(buf, `{"src":`...)
	buf = node.AppendString(buf, w.Node)
	buf = append(buf, `,"dest":`...)
	buf = node.AppendString(buf, dest)
	buf = append(buf, `,"body":{"type":"`+TypePeer+`","from":`...)
	buf = node.AppendString(buf, w.Member)
	buf = append(buf, `,"to":`...)
	buf = node.AppendString(buf, s.To)
	buf = append(buf, `,"m":`...)
	buf, err := body(buf)
	if err != nil {
		return buf, fmt.Errorf("encode %s to %s: %w", s.Message.Kind(), s.To, err)
	}
	return append(buf, `}}`...), nil
}

// Appender is a message that can write itself faster than encoding/json, in the
// same bytes. It is a pointer to what is never changed.
type Appender interface {
	AppendJSON(buf []byte) ([]byte, error)
}

func AppendMessage(buf []byte, m gms.Message) ([]byte, error) {
	if a, ok := m.(Appender); ok {
		return a.AppendJSON(buf)
	}
	raw, err := node.Encode(m)
	return append(buf, raw...), err
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
	_, rest, ok := cutName(envelope, `{"src":"`)
	if !ok {
		return b, false
	}
	if _, rest, ok = cutName(rest, `,"dest":"`); !ok {
		return b, false
	}
	rest, before := bytes.CutPrefix(rest, []byte(`,"body":`))
	rest, after := bytes.CutSuffix(rest, []byte(`}`))
	if !before || !after {
		return b, false
	}
	return splitBody(rest)
}

// splitBody is splitOwn for the body alone.
func splitBody(body []byte) (b peerBody, ok bool) {
	b.Type = TypePeer
	rest := body
	if b.From, rest, ok = cutName(rest, `{"type":"`+TypePeer+`","from":"`); !ok {
		return b, false
	}
	if b.To, rest, ok = cutName(rest, `,"to":"`); !ok {
		return b, false
	}
	rest, before := bytes.CutPrefix(rest, []byte(`,"m":`))
	rest, after := bytes.CutSuffix(rest, []byte(`}`))
	b.M = rest
	return b, before && after
}

// cutName cuts a prefix and the plain string after it, with its closing quote.
func cutName(text []byte, prefix string) (name string, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(prefix))
	end := bytes.IndexAny(rest, `"\`)
	if !ok || end < 0 || rest[end] != '"' {
		return "", text, false
	}
	return string(rest[:end]), rest[end+1:], true
}

// ParseBody reads the body alone, where the envelope has been opened already.
func (w Wire) ParseBody(body []byte) (Peer, error) {
	if b, ok := splitBody(body); ok {
		if p, err := w.peer(b); err == nil {
			return p, nil
		}
	}
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
	if b.Type != TypePeer {
		return Peer{}, fmt.Errorf("message between nodes has type %q, not %q", b.Type, TypePeer)
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
