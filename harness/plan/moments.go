package plan

import (
	"maps"
	"slices"
)

// The moments of the protocol at which a fault can meet a group. A fault may meet
// several at once; idle is none of the others.
const (
	MomentIdle       = "idle"
	MomentInFlight   = "in-flight"   // an operation is open, or a message delivered by some and not by all
	MomentViewChange = "view-change" // some have installed a view and some have not, or a member is blocked
	MomentJoin       = "join"        // a join is open
	MomentRecovery   = "recovery"    // an earlier fault has not been overcome: the live nodes are not in one view that holds just them
)

// anyMoments are those that every protocol has.
var anyMoments = []string{MomentIdle, MomentInFlight, MomentViewChange, MomentJoin, MomentRecovery}

// Moments is the visible list. The rounds of a view change are moments too: a fault
// has met one whose trigger waited for a message of it, since a history alone does
// not tell what is on the wire.
var Moments = func() []string {
	list := slices.Clone(anyMoments)
	for _, r := range Rounds {
		list = append(list, string(r))
	}
	return list
}()

// MomentsOf are the moments that a protocol has: of the rounds, those whose messages
// are known.
func MomentsOf(protocol string) (list []string) {
	for _, m := range Moments {
		if round := Round(m); !slices.Contains(Rounds, round) || carries(protocol, round) {
			list = append(list, m)
		}
	}
	return list
}

// Coverage is how often each kind of fault met the group at each moment:
// Coverage[fault][moment].
type Coverage map[string]map[string]int

// Add counts n meetings more.
func (c Coverage) Add(fault, moment string, n int) {
	if c[fault] == nil {
		c[fault] = map[string]int{}
	}
	c[fault][moment] += n
}

// Merge adds all of another coverage's meetings.
func (c Coverage) Merge(other Coverage) {
	for fault, met := range other {
		for moment, n := range met {
			c.Add(fault, moment, n)
		}
	}
}

// Clone is a copy that shares nothing.
func (c Coverage) Clone() Coverage {
	out := Coverage{}
	out.Merge(c)
	return out
}

// Faults are the kinds that met the group at all, in order.
func (c Coverage) Faults() []string { return slices.Sorted(maps.Keys(c)) }
