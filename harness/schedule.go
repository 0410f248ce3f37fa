package harness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"groupy/nemesis"
	"groupy/node/draw"
)

// schedule draws the fault steps of a run, and says which faults it must not
// lack. Weights are drawn per run (swarm), so that runs differ in kind: some are
// calm, some are storms; without, all faults weigh the same. A fault that was asked for by name is always there at
// least once; of "all", some stay out of a run.
func schedule(k draw.Key, wanted, nodes []string, main, timeout int64, weighted bool) ([]nemesis.Step, []string, error) {
	names, weights, err := swarm(k.With("swarm"), wanted, weighted)
	if err != nil || len(names) == 0 {
		return nil, nil, err
	}
	// The mean gap between two steps, from half a detector timeout (a storm) to
	// three (calm), but so that each fault asked for has its turn.
	gap := k.With("gap").LogBetween(0.5, 3) * float64(timeout)
	begin, end := 0.05*float64(main), 0.9*float64(main)
	inTurn := weighted || !swarmed(wanted) // each at least once, in the order that the key gave them
	if most := (end - begin) / float64(len(names)+1); gap > most && inTurn {
		gap = most
	}
	var steps []nemesis.Step
	planned := map[string]bool{}
	spared := absences{most: (len(nodes) - 1) / 2, grace: 2 * timeout}
	if k.With("beyond a minority").Chance(0.05) {
		spared.most = len(nodes)
	}
	var ki draw.Key
	for at, i := begin+gap*k.With("first").Float(), 0; at < end; at, i = at+gap*ki.With("next").Between(0.5, 1.5), i+1 {
		ki = k.With("step").At(uint64(i))
		name := pick(ki.With("fault"), names, weights)
		if i < len(names) && inTurn {
			name = names[i]
		}
		f, err := nemesis.Find(name)
		if err != nil {
			return nil, nil, err
		}
		if f.Once && planned[name] {
			continue
		}
		s := nemesis.Step{
			ID: "f" + strconv.Itoa(i+1), Fault: name, AtMicros: int64(at),
			// Around the detector's timeout: shorter ones go unnoticed, longer ones
			// change the view, and the bugs live in between.
			ForMicros: int64(ki.With("for").LogBetween(0.3, 3) * float64(timeout)),
		}
		f.Plan(ki.With("plan"), nodes, &s)
		if !planned[name] && !swarmed(wanted) { // asked for by name: it must meet some traffic
			s.Links = nil
			s.ForMicros = max(s.ForMicros, timeout)
		}
		if f.Absent && !spared.take(&s) {
			continue
		}
		planned[name] = true
		steps = append(steps, s)
	}
	if swarmed(wanted) {
		return steps, nil, nil // nobody asked for one of them in particular
	}
	return steps, names, nil
}

// absences keeps a run from taking away more nodes at a time than a group can
// lose without being blocked for good, as nearly as a plan can tell: who leads,
// and how large the view is by then, only the run knows.
type absences struct {
	most  int   // nodes that may be away at the same time
	grace int64 // µs after its return in which a node still counts as away
	until []int64
}

// take counts a step's targets as away. If they are too many it leaves as many as
// may be, and reports false if even that is one too many.
func (a *absences) take(s *nemesis.Step) bool {
	a.until = slices.DeleteFunc(a.until, func(end int64) bool { return end <= s.AtMicros })
	room := a.most - len(a.until)
	if room < 1 {
		return false
	}
	targets := strings.Split(s.Target, ",")
	if len(targets) > room {
		targets = targets[:room]
		s.Target = strings.Join(targets, ",")
	}
	for range targets {
		a.until = append(a.until, s.AtMicros+s.ForMicros+a.grace)
	}
	return true
}

// swarmed reports whether a run is to choose among all faults itself.
func swarmed(wanted []string) bool { return len(wanted) == 1 && wanted[0] == "all" }

// swarm gives the faults of a run in random order, with their weights: drawn for
// this run, or all the same.
func swarm(k draw.Key, wanted []string, weighted bool) (names []string, weights []float64, err error) {
	if swarmed(wanted) {
		wanted = nil
		for _, f := range nemesis.Faults {
			if !weighted || k.With("in").With(f.Name).Chance(0.5) {
				wanted = append(wanted, f.Name)
			}
		}
		if len(wanted) == 0 {
			wanted = []string{nemesis.Faults[k.With("one").Intn(len(nemesis.Faults))].Name}
		}
	}
	for _, name := range wanted {
		if _, err := nemesis.Find(name); err != nil {
			return nil, nil, fmt.Errorf("nemesis: %w", err)
		}
	}
	wanted = slices.Clone(wanted)
	slices.Sort(wanted)
	names = draw.Shuffled(k.With("order"), slices.Compact(wanted))
	for _, name := range names {
		weight := 1.0
		if weighted {
			weight = k.With("weight").With(name).LogBetween(0.1, 10)
		}
		weights = append(weights, weight)
	}
	return names, weights, nil
}

// pick chooses one name by weight.
func pick(k draw.Key, names []string, weights []float64) string {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := k.Float() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return names[i]
		}
	}
	return names[len(names)-1]
}
