package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"groupy/nemesis"
	"groupy/node/draw"
)

// Strategy is one way to look for failures beyond uniform chance. It shapes a
// plan that is already drawn, and nothing else: no world knows of it, and what it
// did can be read, edited and shrunk in the plan. It brings in no kind of fault
// that was not asked for, but for delays that the failure detector forgives.
type Strategy struct {
	Name     string
	Sentence string
	shape    func(*explorer) // nil: it acts when the faults are drawn (schedule)
}

// Strategies is the visible list. A name more is one function and one line.
var Strategies = []Strategy{
	{"uniform", "every fault is equally likely, nothing else is done", nil},
	{"swarm", "each run has its own weights of the fault kinds, and its own share of the load for each node", (*explorer).shareLoad},
	{"rounds", "a view change is under siege: faults strike its rounds, at those whom a message has reached, or has not, or who sent it, whoever that is", (*explorer).rounds},
	{"regime", "each link is slow to its own degree for the whole run, from below a millisecond to beyond the detector's timeout", (*explorer).regime},
	{"crash", "kills fall between two sends of one multicast, or of one step of a view change", (*explorer).crash},
	{"trigger", "kills, pauses and isolations wait for a message of the protocol, and hit who sends it", (*explorer).trigger},
	{"pct", "links have priorities, which change a few times; what travels on low ones is held back", (*explorer).priorities},
	{"pauses", "pauses last 0.8 to 2.5 detector timeouts", (*explorer).pauses},
	{CoverageStrategy, "in a campaign, faults go for the moments of the protocol that they have met least so far", (*explorer).seek},
}

// CoverageStrategy is the strategy that is guided by what earlier runs met.
const CoverageStrategy = "coverage"

// DefaultExplore are the strategies of a run that asks for none in particular:
// what a newcomer can read. The zoo's winner is all of them.
var DefaultExplore = []string{"swarm"}

// AllExplore are all strategies that shape a plan by themselves; coverage needs
// the runs before.
func AllExplore() []string {
	var names []string
	for _, s := range Strategies {
		if s.Name != "uniform" && s.Name != CoverageStrategy {
			names = append(names, s.Name)
		}
	}
	return names
}

// ParseExplore reads a comma list of strategies, or all. The empty text is nil:
// the default.
func ParseExplore(text string) ([]string, error) {
	switch text {
	case "":
		return nil, nil
	case "all":
		return AllExplore(), nil
	}
	var names, known []string
	for _, s := range Strategies {
		known = append(known, s.Name)
	}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("--explore: no strategy %q; there are %s, or all", name, strings.Join(known, ", "))
		}
		names = append(names, name)
	}
	return names, nil
}

// explorer is a plan being shaped.
type explorer struct {
	key     draw.Key // of the strategy that is at work
	plan    *Plan
	wanted  []string // faults that were asked for
	own     []string // faults that the workload is made of
	timeout int64    // µs, of the failure detector
	fixed   int      // steps from here on were put in by a strategy
	met     Coverage // what earlier runs met
	alone   bool     // no other strategy is to add anything
}

// explore shapes the plan by the named strategies. Of several, each takes part
// in every other run, so that each is also seen alone and with each other.
func explore(k draw.Key, names, wanted, own []string, p *Plan, timeout int64, met Coverage) {
	e := &explorer{plan: p, wanted: wanted, own: own, timeout: timeout, fixed: len(p.Faults), met: met}
	for _, s := range Strategies {
		if s.shape == nil || !slices.Contains(names, s.Name) {
			continue
		}
		if len(names) > 1 && k.With("takes part").With(s.Name).Chance(0.5) {
			continue
		}
		e.key = k.With(s.Name)
		if s.shape(e); e.alone {
			break
		}
	}
	slices.SortStableFunc(p.Faults, func(a, b nemesis.Step) int { return int(a.AtMicros - b.AtMicros) })
}

// wants reports whether a kind of fault was asked for.
func (e *explorer) wants(fault string) bool {
	return swarmed(e.wanted) || slices.Contains(e.wanted, fault)
}

// each calls f for the steps of the given kinds that may be changed, with a key
// of their own. A fault asked for by name keeps its first step as it is: a
// trigger may wait in vain, and the run would lack what it was asked for.
func (e *explorer) each(kinds []string, f func(draw.Key, *nemesis.Step)) {
	seen := map[string]bool{}
	for i := range e.plan.Faults[:e.fixed] {
		s := &e.plan.Faults[i]
		bound := !seen[s.Fault] && !swarmed(e.wanted)
		seen[s.Fault] = true
		if !bound && s.When == nil && slices.Contains(kinds, s.Fault) {
			f(e.key.With(s.ID), s)
		}
	}
}

// add puts a step of the strategy's own in.
func (e *explorer) add(name string, s nemesis.Step) {
	s.ID = name + strconv.Itoa(len(e.plan.Faults)-e.fixed+1)
	e.plan.Faults = append(e.plan.Faults, s)
}

// pauses draws the lengths of pauses around the detector's timeout: shorter ones
// nobody notices, longer ones are deaths; in between, the paused member meets the
// view change that it caused.
func (e *explorer) pauses() {
	e.each([]string{"pause"}, func(k draw.Key, s *nemesis.Step) {
		s.ForMicros = int64(k.With("for").Between(0.8, 2.5) * float64(e.timeout))
	})
}

// shareLoad thins the operations: some nodes ask much and some hardly anything,
// and now and then all ask in bursts.
func (e *explorer) shareLoad() {
	if !swarmed(e.wanted) {
		return // the load was asked for as it is
	}
	share := map[string]float64{}
	for _, n := range e.plan.Nodes {
		share[n] = e.key.With("share").With(n).LogBetween(0.15, 1)
	}
	burst := int64(0) // µs between two bursts; 0: none
	if e.key.With("bursts").Chance(0.3) {
		burst = int64(e.key.With("burst").LogBetween(0.05, 1) * float64(e.timeout))
	}
	ops := e.plan.Ops[:0:0]
	for i, op := range e.plan.Ops {
		if e.aimed(op) || e.key.With("op").At(uint64(i)).Chance(share[op.Node]) {
			if burst > 0 && !e.aimed(op) {
				op.AtMicros -= op.AtMicros % burst
			}
			ops = append(ops, op)
		}
	}
	slices.SortStableFunc(ops, byTime)
	e.plan.Ops = ops
}
