package gms

import (
	"encoding/json"
	"time"
)

// Effect is one of Send, SetTimer, CancelTimer, Deliver, Install, Sent, Flush,
// Evict, Reply, Log, and in durable mode Persist and Resume.
type Effect interface{ effect() }

type (
	// Send gives a message to another member. To is a member name; what is sent
	// to a member whose process is gone does not reach its successor. A bare
	// node name reaches whatever incarnation runs there (a join's contact).
	Send struct {
		To      string
		Message Message
	}
	// SetTimer asks for Timer{ID} after After; the same ID again replaces it. A timer
	// of no length runs out once all inputs that have arrived by then are handed over,
	// so that a core can answer them together.
	SetTimer struct {
		ID    string
		After time.Duration
	}
	// CancelTimer takes a timer back; an unknown one is no error.
	CancelTimer struct{ ID string }
	// Deliver hands a message to the application. Sender is the member that was
	// asked to multicast it. The effect is a pointer to it, since there are many.
	Deliver struct {
		Msg     string
		Sender  string
		View    string
		Payload json.RawMessage
	}
	// Install installs a view. The first member leads.
	Install struct {
		View    string
		Members []string
	}
	// Sent says in which view a client's message was sent.
	Sent struct{ Msg, View string }
	// Flush says that sends are held back (On) or no longer.
	Flush struct{ On bool }
	// Evict says that this member learned that it is no longer one.
	Evict struct{ Reason string }
	// Reply answers the request Req: with success, or with Failed.
	Reply struct {
		Req    uint64
		Failed *Failure
	}
	// Persist asks for a record to be on stable storage before any effect that
	// follows it takes place. Own is the id of the multicast that the record numbers,
	// if it does that. A Lazy record may come later (a mutant's).
	Persist struct {
		Record json.RawMessage
		Own    string
		Lazy   bool
	}
	// Resume says that a restored core stands again in a view that it had installed.
	Resume struct {
		View    string
		Members []string
	}
	// Log is a line for the node's log.
	Log struct{ Text string }
)

// Failure is an error of the contract: Code as in docs/contract.md (11: cannot be
// done now and was not; 0 and 13: unknown outcome).
type Failure struct {
	Code int
	Text string
}

func (Send) effect()        {}
func (SetTimer) effect()    {}
func (CancelTimer) effect() {}
func (*Deliver) effect()    {}
func (Install) effect()     {}
func (Sent) effect()        {}
func (Flush) effect()       {}
func (Evict) effect()       {}
func (Reply) effect()       {}
func (Log) effect()         {}
func (Persist) effect()     {}
func (Resume) effect()      {}
