package verdict

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"groupy/checker/history"
)

// Story is what happened in a run, in the order in which people ask for it. It is
// taken from the history alone, so it can be told of any.
type Story struct {
	// Ends are the processes that ended otherwise than they were asked to, the first
	// one first.
	Ends    []EndStory
	Faults  []FaultStory
	Views   int // distinct primary views
	Leaders int // how often a primary view had another first member than the one before
	// Last is the primary view that was installed last, with its members.
	Last    string
	Members []string
	// Healed says that the run reached its heal phase; Recovered, that all live
	// nodes were then in one view before the clients stopped, after Recovery.
	Healed    bool
	Recovered bool
	Recovery  time.Duration
	// Together are the times in which all live nodes were in one view that held
	// exactly them, until the clients stopped.
	Together []Span

	at     string          // the phase
	seen   map[string]bool // names of primary views
	leader string
	heal   time.Duration
	over   bool // the run has stopped waiting for recovery
	live   map[string]*liveNode
	whole  bool          // all live nodes are in one view that holds exactly them
	since  time.Duration // when that began
}

// Span is a time from one moment to another; To is 0 if it lasts to the end.
type Span struct{ From, To time.Duration }

// RecoveredAfter is how long after a moment all live nodes were in one view: 0 if
// they were then. ok is false if they never were again.
func (s *Story) RecoveredAfter(at time.Duration) (took time.Duration, ok bool) {
	for _, span := range s.Together {
		if span.To == 0 || span.To > at {
			return max(0, span.From-at), true
		}
	}
	return 0, false
}

// FaultStory is one fault as it was in a run.
type FaultStory struct {
	ID, Name string
	Began    time.Duration // or when it was skipped
	Ended    time.Duration // 0: it was over when it had happened
	Value    json.RawMessage
	Proof    json.RawMessage // that it took hold
	Undone   json.RawMessage // that it is undone
	Skipped  string          // why; "" if it took hold
}

// EndStory is a process that ended by itself, or a member that found what it had
// stored damaged.
type EndStory struct {
	Member string
	How    string // in words: exit code 3
	Cause  string // what its log names as the reason, or what it said itself
	Last   []string
	At     time.Duration
	Phase  string
}

// String is a sentence for people.
func (e EndStory) String() string {
	text := fmt.Sprintf("%s ended by itself: %s, after %v (%s)", e.Member, e.How, e.At.Round(time.Millisecond), e.Phase)
	if e.Cause != "" {
		text += ": " + e.Cause
	}
	return text
}

// endOf tells an end that is not as it was asked for.
func (s *Story) endOf(e *history.Event) {
	end := EndStory{Member: e.Member, Cause: e.Cause, Last: e.Log, At: time.Duration(e.Time), Phase: s.at}
	switch {
	case e.Asked == history.StopKill || e.Fault != "":
		return
	case e.How == history.StopExit && e.Code != nil:
		if end.How = fmt.Sprintf("exit code %d", *e.Code); e.Asked == history.StopLeave && *e.Code == 0 {
			return
		}
	case e.How == history.StopSignal:
		end.How = "signal " + e.Reason
	case e.How == history.StopDamaged:
		end.How, end.Cause = "what it stored cannot be trusted", e.Reason
	default:
		return
	}
	if e.Asked == history.StopShutdown {
		end.How += " when asked to shut down"
	}
	s.Ends = append(s.Ends, end)
}

// liveNode is a node whose process runs.
type liveNode struct {
	member  string
	view    string
	members []string
}

// NewStory is the story of a history of which nothing was seen.
func NewStory() *Story { return &Story{seen: map[string]bool{}, live: map[string]*liveNode{}} }

// See takes one event of the history.
func (s *Story) See(e *history.Event) {
	at := time.Duration(e.Time)
	switch e.Type {
	case history.Fault:
		s.fault(e, at)
	case history.Phase:
		s.phase(e.Phase, at)
	case history.Start:
		s.live[e.Node] = &liveNode{member: e.Member}
		s.look(at)
	case history.Stop:
		s.endOf(e)
		delete(s.live, e.Node)
		s.look(at)
	case history.View:
		s.view(e)
		s.look(at)
	}
}

func (s *Story) phase(name string, at time.Duration) {
	s.at = name
	switch name {
	case history.PhaseHeal:
		s.Healed, s.heal = true, at
	case history.PhaseQuiesce:
		if s.over = true; s.whole {
			s.Recovered, s.Recovery = true, max(0, s.since-s.heal)
		}
	}
}

func (s *Story) fault(e *history.Event, at time.Duration) {
	switch e.Phase {
	case history.FaultBegin:
		s.Faults = append(s.Faults, FaultStory{ID: e.ID, Name: e.Fault, Began: at, Value: e.Value, Proof: e.Evidence})
	case history.FaultSkip:
		s.Faults = append(s.Faults, FaultStory{ID: e.ID, Name: e.Fault, Began: at, Value: e.Value, Skipped: e.Reason})
	case history.FaultEnd:
		for i := range s.Faults {
			if f := &s.Faults[i]; f.ID == e.ID && f.Skipped == "" {
				f.Ended, f.Undone = at, e.Evidence
			}
		}
	}
}

func (s *Story) view(e *history.Event) {
	for _, n := range s.live {
		if n.member == e.Member {
			n.view, n.members = e.View, e.Members
		}
	}
	if !e.IsPrimary() || s.seen[e.View] || len(e.Members) == 0 {
		return
	}
	s.seen[e.View] = true
	s.Views++
	if s.leader != "" && s.leader != e.Members[0] {
		s.Leaders++
	}
	s.leader = e.Members[0]
	s.Last, s.Members = e.View, e.Members
}

// look sees whether all live nodes are in one view that holds exactly them.
func (s *Story) look(at time.Duration) {
	if s.over {
		return
	}
	whole, view := len(s.live) > 0, ""
	for _, n := range s.live {
		if view == "" {
			view = n.view
		}
		whole = whole && n.view != "" && n.view == view && len(n.members) == len(s.live) &&
			slices.Contains(n.members, n.member)
	}
	switch {
	case whole && !s.whole:
		s.since = at
		s.Together = append(s.Together, Span{From: at})
	case s.whole && !whole:
		s.Together[len(s.Together)-1].To = at
	}
	s.whole = whole
}
