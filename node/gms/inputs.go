package gms

import "encoding/json"

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
