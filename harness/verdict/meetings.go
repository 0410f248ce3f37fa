package verdict

import (
	"encoding/json"
	"slices"

	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/node"
)

// meetings takes a history event by event and finds, for each fault that took
// hold in the main phase, the moments that it met. What a fault itself does to
// the group comes after it: the history tells a kill when the process is gone, so
// the moment is that before the first death that is not yet some fault's.
type meetings struct {
	met     plan.Coverage
	phase   string
	story   *Story                // whether the group is whole
	open    map[string]string     // client process → f, of open operations
	blocked map[string]bool       // members in a flush
	counts  map[string]int        // by member: deliveries in its view
	struck  bool                  // a fault has taken hold
	leftOut bool                  // somebody went on to a view without a member that lives
	before  []string              // the moments before a death that no fault has claimed; nil: none
	rounds  map[string]plan.Round // step → the round that it waited for
}

// newMeetings begins with what a plan's steps wait for; the plan may be nil.
func newMeetings(p *plan.Plan) *meetings {
	m := &meetings{
		met: plan.Coverage{}, open: map[string]string{}, blocked: map[string]bool{}, counts: map[string]int{},
		story: NewStory(), rounds: map[string]plan.Round{},
	}
	if p != nil {
		for _, f := range plan.RoundFrames(p) {
			for _, s := range p.Faults {
				if s.When != nil && s.When.Frame == f.Kind {
					m.rounds[s.ID] = f.Round
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
		now = append(now, plan.MomentInFlight)
	}
	if m.changing() {
		now = append(now, plan.MomentViewChange)
	}
	if joining {
		now = append(now, plan.MomentJoin)
	}
	if m.struck && !m.story.whole {
		now = append(now, plan.MomentRecovery)
	}
	if len(now) == 0 {
		now = append(now, plan.MomentIdle)
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
