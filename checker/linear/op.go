// Package linear decides whether operations on registers are linearizable: whether
// one order of them, in which each takes effect between its call and its return,
// explains every answer (Herlihy and Wing, "Linearizability: A Correctness
// Condition for Concurrent Objects", 1990). What it calls legal has such an order
// and what it calls illegal has none; it never guesses.
//
// There are three ways, from cheap to dear: Replay tries one given order, Zones
// decides registers in which every value is written once, Search tries them all.
// A history is linearizable exactly if that of each key is, so Zones and Search
// take the operations of one key.
package linear

import "math"

// Kind is what an operation does.
type Kind uint8

// The kinds. A CAS that did not find what it asked for did nothing, and is no
// operation here.
const (
	Read Kind = iota
	Write
	CAS
)

// Nil is the value of a register that nobody has written.
const Nil int32 = 0

// Open is the Return of an operation of which nobody saw the end.
const Open int64 = math.MaxInt64

// Op is one operation. Values are numbers, dense from 1 within a key. Call and
// Return are places in the history, all different, not times.
type Op struct {
	Kind  Kind
	Maybe bool  // nobody knows whether it takes effect, or when; Return is Open
	Key   int32 // only Replay looks at it
	From  int32 // CAS: what it found
	Value int32 // what a read gave, or what was written
	Call  int64
	// Return is Open for an operation that is known to have taken effect, but not
	// by when.
	Return int64
}

// Outcome is what Zones and Search come to.
type Outcome uint8

// The outcomes.
const (
	Undecided Outcome = iota // Zones: a value is written twice; Search: out of time
	Legal
	Illegal
)

// source is the value that the operation must have found: what a read gave, what
// a cas replaced.
func (op *Op) source() (value int32, must bool) {
	switch {
	case op.Maybe || op.Kind == Write:
		return 0, false
	case op.Kind == CAS:
		return op.From, true
	}
	return op.Value, true
}
