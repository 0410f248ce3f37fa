package link

import "time"

// Counters counts what one direction did since the run began.
type Counters struct {
	Passed     int64 `json:"passed"`  // messages handed on (or chunks, where traffic is not framed)
	Bytes      int64 `json:"bytes"`   // in what was handed on
	Cut        int64 `json:"cut"`     // messages lost to a cut, in flight or after
	Dropped    int64 `json:"dropped"` // by a drop rule
	Duplicated int64 `json:"duplicated"`
	Delayed    int64 `json:"delayed"`
	Reordered  int64 `json:"reordered"` // messages that really left after a later one
	Throttled  int64 `json:"throttled"`
	Resets     int64 `json:"resets"` // connections reset
}

// Decision is what happens to one message.
type Decision struct {
	Drop bool
	Hold bool            // a trigger holds it back until it is released
	Due  []time.Duration // when each copy leaves; on the clock that was passed in
}
