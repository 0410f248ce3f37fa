package link

import "sync/atomic"

// Counters counts what one line did since the run began. A message is a frame,
// or what one read gave where traffic is not framed.
type Counters struct {
	Passed     int64 `json:"passed"`  // messages handed on, copies included
	Bytes      int64 `json:"bytes"`   // in what was handed on
	Cut        int64 `json:"cut"`     // messages lost to a cut, in flight or after
	Dropped    int64 `json:"dropped"` // by a drop rule
	Duplicated int64 `json:"duplicated"`
	Delayed    int64 `json:"delayed"`   // by a delay or jitter rule
	Reordered  int64 `json:"reordered"` // messages that really left after a later one
	Throttled  int64 `json:"throttled"`
	Resets     int64 `json:"resets"`            // connections reset by a fault, or because a cut made them lossy
	Refused    int64 `json:"refused"`           // connections for which nobody listened
	Lost       int64 `json:"lost"`              // held by a trigger and lost with their sender
	Unframed   int64 `json:"unframed"`          // messages that a drop, duplicate or reorder rule could not act on
	Overrun    int64 `json:"overrun,omitempty"` // packets for which a full queue had no room; on a wire alone
}

// tally is Counters under construction. Atomic because what passes freely is
// counted without the table's lock.
type tally struct {
	passed, bytes, cut, dropped, duplicated, delayed atomic.Int64
	reordered, throttled, resets, refused            atomic.Int64
	lost, unframed                                   atomic.Int64
}

func (c *tally) read() Counters {
	return Counters{
		Passed: c.passed.Load(), Bytes: c.bytes.Load(), Cut: c.cut.Load(),
		Dropped: c.dropped.Load(), Duplicated: c.duplicated.Load(), Delayed: c.delayed.Load(),
		Reordered: c.reordered.Load(), Throttled: c.throttled.Load(),
		Resets: c.resets.Load(), Refused: c.refused.Load(), Lost: c.lost.Load(),
		Unframed: c.unframed.Load(),
	}
}
