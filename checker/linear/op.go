package linear

import "math"

// Kind is what an operation does.
type Kind uint8

// The kinds. A CAS that did not find what it asked for did nothing, and is no
// operation here.
const (
	Read    Kind = iota
	Write        // of a register
	CAS          // of a register
	Add          // to a counter or a set
	Enqueue      // to a queue
	Dequeue      // from a queue; its value is Nil if it found it empty
	Append       // to a log or a text
)

// Nil is the value that an object has before anything was done.
const Nil int32 = 0

// Unplaced is the From of an Append whose place in the log nobody knows.
const Unplaced int32 = -1

// Open is the Return of an operation of which nobody saw the end.
const Open int64 = math.MaxInt64

// Op is one operation. Values are numbers, dense from 1 within a key. Call and
// Return are places in the history, all different, not times.
type Op struct {
	Kind  Kind  `json:"kind"`
	Maybe bool  `json:"maybe,omitempty"` // nobody knows whether it takes effect, or when; Return is Open
	Key   int32 `json:"key,omitempty"`   // only Replay looks at it
	From  int32 `json:"from,omitempty"`  // CAS: what it found; Append to a log: its place there, from 0
	Value int32 `json:"value"`           // what a read or a dequeue gave, or what was written, added, …
	Call  int64 `json:"call"`
	// Return is Open for an operation that is known to have taken effect, but not
	// by when.
	Return int64 `json:"return"`
}

// Outcome is what the ways of deciding come to.
type Outcome uint8

// The outcomes.
const (
	Undecided Outcome = iota // it takes another way, or more time
	Legal
	Illegal
)

// Tells reports whether the operation gave an answer that an order must explain.
func (op *Op) Tells() bool {
	switch op.Kind {
	case Read, CAS, Dequeue:
		return !op.Maybe
	case Append:
		return !op.Maybe && op.From != Unplaced
	}
	return false
}

// source is the value that the operation on a register must have found: what a
// read gave, what a cas replaced.
func (op *Op) source() (value int32, must bool) {
	switch {
	case op.Maybe || op.Kind == Write:
		return 0, false
	case op.Kind == CAS:
		return op.From, true
	}
	return op.Value, true
}
