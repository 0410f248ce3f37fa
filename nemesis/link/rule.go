package link

import (
	"fmt"
	"time"
)

// Rule is what one direction between two nodes does to what passes. The zero
// value passes everything at once. Several faults may hold a rule on the same
// direction; Merge says what they do together.
type Rule struct {
	Cut         bool          `json:"cut,omitempty"`           // nothing passes
	Drop        float64       `json:"drop,omitempty"`          // probability per message
	Duplicate   float64       `json:"duplicate,omitempty"`     // probability per message
	Reorder     float64       `json:"reorder,omitempty"`       // probability that a message may be overtaken
	Delay       time.Duration `json:"delay_ns,omitempty"`      // added to every message
	Jitter      time.Duration `json:"jitter_ns,omitempty"`     // up to this much more, uniform; order is kept
	BytesPerSec int64         `json:"bytes_per_sec,omitempty"` // throttle; 0: none
}

// Check says what no link can do: a chance below 0 or above 1, a time or a rate below 0.
func (r Rule) Check() error {
	for name, p := range map[string]float64{"drop": r.Drop, "duplicate": r.Duplicate, "reorder": r.Reorder} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("%s is %v: a probability is between 0 and 1", name, p)
		}
	}
	if r.Delay < 0 || r.Jitter < 0 || r.BytesPerSec < 0 {
		return fmt.Errorf("delay_ns %d, jitter_ns %d, bytes_per_sec %d: none is below 0", r.Delay, r.Jitter, r.BytesPerSec)
	}
	return nil
}

// Merge is the rule of two faults on the same direction at the same time: it is
// commutative and associative, and the zero Rule changes nothing, so that the
// order in which faults come and go does not matter.
func Merge(a, b Rule) Rule {
	return Rule{
		Cut:         a.Cut || b.Cut,
		Drop:        either(a.Drop, b.Drop),
		Duplicate:   either(a.Duplicate, b.Duplicate),
		Reorder:     either(a.Reorder, b.Reorder),
		Delay:       a.Delay + b.Delay,
		Jitter:      a.Jitter + b.Jitter,
		BytesPerSec: tighter(a.BytesPerSec, b.BytesPerSec),
	}
}

// either is the probability that one of two independent chances comes true.
// Written so that 0 changes nothing, not even the last bit.
func either(a, b float64) float64 { return a + b - a*b }

func tighter(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
