package machine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"groupy/node"
	"groupy/node/gms"
)

// Input is what a Machine can be given: Request, Peer, Closed or Timer.
type Input interface{ input() }

type (
	// Request is a line of the contract for this node, from the harness or a
	// client. Body is the whole body, Head what it begins with. Value is the body
	// as a value of package node, for a caller that holds it and no line; then
	// Body may be empty.
	Request struct {
		Src   string
		Head  node.Head
		Body  json.RawMessage
		Value any
	}
	// Peer is a message of another member's core. One whose To is another
	// incarnation of this node is dropped; a bare node name is whoever runs there.
	Peer struct {
		From    string // member
		To      string // member or node
		Message gms.Message
	}
	// Closed says that a node's process is gone or cut off, as far as its
	// connection to here tells.
	Closed struct{ Node string }
	// Timer is a timer set by SetTimer that has run out.
	Timer struct{ ID string }
)

func (Request) input() {}
func (Peer) input()    {}
func (Closed) input()  {}
func (Timer) input()   {}

// Output is what a Machine asks for: *Line, Send, SetTimer, CancelTimer, Log,
// Persist or Exit.
type Output interface{ output() }

type (
	// Line is a reply or an observation. Body is a value of package node, or for a
	// Deliver, of which there are many, a pointer to it. So is the output.
	Line struct {
		Dest string
		Body any
	}
	// Send gives a message to another member's core, or to whichever
	// incarnation runs at a bare node name.
	Send struct {
		To      string
		Message gms.Message
	}
	// SetTimer asks for Timer{ID} after After; the same ID again replaces it.
	SetTimer struct {
		ID    string
		After time.Duration
	}
	// CancelTimer takes a timer back; an unknown one is no error.
	CancelTimer struct{ ID string }
	// Log is a line for the node's log.
	Log struct {
		Level Level
		Text  string
	}
	// Persist asks for a record to be on disk before any Line or Send of the same step
	// leaves; a Lazy one may come later. A Base takes the place of all records so far.
	Persist struct {
		Record json.RawMessage
		Base   bool
		Lazy   bool
	}
	// Exit ends the process; it is the last output of its step and of the machine.
	Exit struct{ Code int }
)

func (*Line) output()       {}
func (Send) output()        {}
func (SetTimer) output()    {}
func (CancelTimer) output() {}
func (Log) output()         {}
func (Persist) output()     {}
func (Exit) output()        {}

// Level is how loud a log line is.
type Level int

// The levels of Log.
const (
	Trace Level = iota // each message that is dropped
	Debug
	Info
	Warn
	Error
)

// NewRequest is the request that a body of the contract makes, for callers that
// hold the value and not its line. It means the same as the line does.
func NewRequest(src string, body any) (Request, error) {
	switch b := body.(type) {
	case *node.Join:
		return Request{Src: src, Head: b.Head, Value: b}, nil
	case *node.Multicast:
		if len(b.Payload) == 0 || !bytes.ContainsAny(b.Payload, " \t\r\n") && json.Valid(b.Payload) {
			return Request{Src: src, Head: b.Head, Value: b}, nil
		}
	}
	raw, err := node.Encode(body)
	if err != nil {
		return Request{}, fmt.Errorf("encode %T: %w", body, err)
	}
	r := Request{Src: src, Body: raw}
	if err := json.Unmarshal(raw, &r.Head); err != nil {
		return Request{}, fmt.Errorf("head of %T: %w", body, err)
	}
	return r, nil
}
