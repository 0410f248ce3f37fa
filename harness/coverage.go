package harness

import (
	"encoding/json"
	"maps"
	"slices"

	"groupy/checker/history"
	"groupy/node"
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

// meetings takes a history event by event and finds, for each fault that took
// hold in the main phase, the moments that it met. What a fault itself does to
// the group comes after it: the history tells a kill when the process is gone, so
// the moment is that before the first death that is not yet some fault's.
type meetings struct {
	met     Coverage
	phase   string
	story   *Story            // whether the group is whole
	open    map[string]string // client process → f, of open operations
	blocked map[string]bool   // members in a flush
	counts  map[string]int    // by member: deliveries in its view
	struck  bool              // a fault has taken hold
	leftOut bool              // somebody went on to a view without a member that lives
	before  []string          // the moments before a death that no fault has claimed; nil: none
	rounds  map[string]Round  // step → the round that it waited for
}

// newMeetings begins with what a plan's steps wait for; the plan may be nil.
func newMeetings(p *Plan) *meetings {
	m := &meetings{
		met: Coverage{}, open: map[string]string{}, blocked: map[string]bool{}, counts: map[string]int{},
		story: NewStory(), rounds: map[string]Round{},
	}
	if p != nil {
		for _, f := range roundFrames(p) {
			for _, s := range p.Faults {
				if s.When != nil && s.When.Frame == f.kind {
					m.rounds[s.ID] = f.round
				}
			}
		}
	}
	return m
}

// see takes one event of the history.
func (m *meetings) see(e *history.Event) {
	switch e.Type {
	case history.Phase:
		m.phase = e.Phase
	case history.Invoke:
		m.open[e.Process] = e.F
	case history.OK, history.Fail, history.Info:
		delete(m.open, e.Process)
	case history.Block:
		m.blocked[e.Member] = true
	case history.Unblock:
		delete(m.blocked, e.Member)
	case history.Deliver:
		m.counts[e.Member]++
	case history.View:
		m.counts[e.Member] = 0
		m.leaves(e)
		delete(m.blocked, e.Member)
	case history.Stop:
		if m.before == nil && (e.How == history.StopKill || e.How == history.StopShutdown) {
			m.before = m.moments()
		}
		delete(m.counts, e.Member)
		delete(m.blocked, e.Member)
	case history.Fault:
		m.fault(e)
	}
	m.story.See(e)
}

// leaves sees whether a member goes on from one view to the next without another
// one that lives.
func (m *meetings) leaves(e *history.Event) {
	if m.phase == history.PhaseEnd {
		return
	}
	var before []string
	for _, n := range m.story.live {
		if n.member == e.Member {
			before = n.members
		}
	}
	for _, n := range m.story.live {
		m.leftOut = m.leftOut || slices.Contains(before, n.member) && !slices.Contains(e.Members, n.member)
	}
}

func (m *meetings) fault(e *history.Event) {
	if m.phase != history.PhaseMain || e.Phase != history.FaultBegin {
		return
	}
	met := m.moments()
	if m.before != nil && m.downed(e.Value) {
		met, m.before = m.before, nil
	}
	for _, moment := range met {
		m.met.Add(e.Fault, moment, 1)
	}
	if round, waited := m.rounds[e.ID]; waited {
		m.met.Add(e.Fault, string(round), 1)
	}
	m.struck = true
}

// downed reports whether a fault's victim is a node that does not run.
func (m *meetings) downed(value json.RawMessage) bool {
	var v struct {
		Node string `json:"node"`
	}
	return json.Unmarshal(value, &v) == nil && v.Node != "" && m.story.live[v.Node] == nil
}

// moments are those that hold now.
func (m *meetings) moments() (now []string) {
	joining, asking := false, false
	for _, f := range m.open {
		joining = joining || f == node.TypeJoin
		asking = asking || f != node.TypeJoin && f != node.TypeLeave
	}
	if asking || m.uneven() {
		now = append(now, MomentInFlight)
	}
	if m.changing() {
		now = append(now, MomentViewChange)
	}
	if joining {
		now = append(now, MomentJoin)
	}
	if m.struck && !m.story.whole {
		now = append(now, MomentRecovery)
	}
	if len(now) == 0 {
		now = append(now, MomentIdle)
	}
	return now
}

// uneven: of two live members in one view, one has delivered more than the other.
func (m *meetings) uneven() bool {
	counts := map[string]int{} // by view
	for _, n := range m.story.live {
		if n.view == "" {
			continue
		}
		c, seen := counts[n.view]
		if seen && c != m.counts[n.member] {
			return true
		}
		counts[n.view] = m.counts[n.member]
	}
	return false
}

// changing: a live member is blocked, or is named by the view of another live
// one and is not in it.
func (m *meetings) changing() bool {
	in := map[string]string{} // live member → its view
	for _, n := range m.story.live {
		if m.blocked[n.member] {
			return true
		}
		in[n.member] = n.view
	}
	for _, n := range m.story.live {
		for _, other := range n.members {
			if view, live := in[other]; live && view != n.view {
				return true
			}
		}
	}
	return false
}
