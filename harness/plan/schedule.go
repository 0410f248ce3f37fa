package plan

import (
	"fmt"
	"slices"
	"strconv"

	"groupy/nemesis"
	"groupy/node/draw"
)

// schedule draws the fault steps of a run, and says which faults it must not
// lack. Weights are drawn per run (swarm), so that runs differ in kind: some are
// calm, some are storms; without, all faults weigh the same. A fault that was
// asked for by name is there at least once, if a group can bear it; of "all",
// some stay out of a run.
func schedule(k draw.Key, w wish, nodes []string, main, timeout int64) ([]nemesis.Step, []string, error) {
	names, weights, err := w.swarm(k.With("swarm"))
	if err != nil || len(names) == 0 {
		return nil, nil, err
	}
	named, weighted := !swarmed(w.wanted), w.weighted
	s := &scheduler{nodes: nodes, timeout: timeout, named: named, own: w.also, spared: nemesis.SpareFor(len(nodes), timeout)}
	if beyondMinority(k, w.wanted) {
		s.spared.All()
	}
	s.owed = absentFirst(w.also)
	if weighted || named { // each at least once
		s.owed = append(s.owed, absentFirst(others(names, w.also))...)
	}
	// The mean gap between two steps, from half a detector timeout (a storm) to
	// three (calm), but so that each fault asked for has its turn.
	gap := k.With("gap").LogBetween(0.5, 3) * float64(timeout)
	begin, end := 0.05*float64(main), 0.9*float64(main)
	if most := (end - begin) / (1.6*float64(len(names)) + 1); gap > most && len(s.owed) > 0 {
		gap = most // 1.6: gaps vary by half, and a turn may find nothing that may come
	}
	var ki draw.Key
	for at, i := begin+gap*k.With("first").Float(), 0; at < end; at, i = at+gap*ki.With("next").Between(0.5, 1.5), i+1 {
		ki = k.With("step").At(uint64(i))
		turn := append(slices.Clone(s.owed), pick(ki.With("fault"), names, weights))
		turn = slices.DeleteFunc(turn, func(name string) bool { return s.crowds(name) })
		for _, name := range turn {
			if s.plan(ki, "f"+strconv.Itoa(i+1), name, int64(at)) {
				break
			}
		}
	}
	if !named {
		return s.steps, nil, nil // nobody asked for one in particular; a workload asks for operations
	}
	return s.steps, names, nil
}

// beyondMinority reports whether a run may block its group for good: one in
// twenty of those that choose among all faults themselves.
func beyondMinority(k draw.Key, wanted []string) bool {
	return swarmed(wanted) && k.With("beyond a minority").Chance(0.05)
}

// scheduler is a schedule in the making.
type scheduler struct {
	nodes   []string
	timeout int64
	named   bool     // the faults were asked for by name
	own     []string // faults that the workload is made of
	owed    []string // faults that must come and have not yet, in order
	spared  *nemesis.Absences
	steps   []nemesis.Step
}

// plan adds one step of a fault, unless it may not come now.
func (s *scheduler) plan(k draw.Key, id, name string, at int64) bool {
	f, err := nemesis.Find(name)
	if err != nil {
		panic("harness: a fault was not looked up before: " + err.Error())
	}
	first := slices.Contains(s.owed, name)
	if f.Once && slices.ContainsFunc(s.steps, func(o nemesis.Step) bool { return o.Fault == name }) {
		return false
	}
	step := nemesis.Step{
		ID: id, Fault: name, AtMicros: at,
		// Around the detector's timeout: shorter ones go unnoticed, longer ones
		// change the view, and the bugs live in between.
		ForMicros: int64(k.With("for").LogBetween(0.3, 3) * float64(s.timeout)),
	}
	f.Plan(k.With("plan"), s.nodes, &step)
	if first && s.named { // it must meet some traffic
		step.Links = nil
		step.ForMicros = max(step.ForMicros, s.timeout)
	} else if first && slices.Contains(s.own, name) { // a slow network must not keep a workload from its own
		step.ForMicros = max(step.ForMicros, 3*s.timeout)
	}
	if !s.spared.Take(f, &step) {
		return false
	}
	s.owed = slices.DeleteFunc(s.owed, func(o string) bool { return o == name })
	s.steps = append(s.steps, step)
	return true
}

// crowds reports whether a fault would take from the nodes that may be spared while
// one of the workload's own, which this is not, still waits for some.
func (s *scheduler) crowds(name string) bool {
	f, err := nemesis.Find(name)
	return err == nil && !slices.Contains(s.own, name) && (f.Absent || f.Parts) && slices.ContainsFunc(s.own, func(o string) bool { return slices.Contains(s.owed, o) })
}

// absentFirst puts the faults that take nodes away before the others, whose
// aftermath may leave no node that could be spared.
func absentFirst(names []string) []string {
	var absent, rest []string
	for _, name := range names {
		if f, err := nemesis.Find(name); err == nil && f.Absent {
			absent = append(absent, name)
		} else {
			rest = append(rest, name)
		}
	}
	return append(absent, rest...)
}

// others is names less those that are taken.
func others(names, taken []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(taken, n) })
}

// swarmed reports whether a run is to choose among all faults itself.
func swarmed(wanted []string) bool { return len(wanted) == 1 && wanted[0] == "all" }

// wish is what faults a run is to have.
type wish struct {
	wanted   []string // by name, or "all" alone
	also     []string // in any case: those that the workload is made of
	durable  bool     // nodes keep their state over a restart
	disk     bool     // their disks are faulty
	weighted bool     // weights are drawn
}

// swarm gives the faults of a run in random order, with their weights: drawn for
// this run, or all the same.
func (w wish) swarm(k draw.Key) (names []string, weights []float64, err error) {
	wanted := w.wanted
	if swarmed(wanted) {
		wanted = nil
		for _, f := range nemesis.Faults {
			if f.Keeps && !w.durable || f.Disk && !w.disk {
				continue
			}
			if !w.weighted || k.With("in").With(f.Name).Chance(0.5) {
				wanted = append(wanted, f.Name)
			}
		}
		if len(wanted) == 0 {
			any := slices.DeleteFunc(slices.Clone(nemesis.Faults), func(f nemesis.Fault) bool { return f.Disk && !w.disk })
			wanted = []string{any[k.With("one").Intn(len(any))].Name}
		}
	}
	wanted = slices.Concat(wanted, w.also)
	for _, name := range wanted {
		f, err := nemesis.Find(name)
		if err != nil {
			return nil, nil, fmt.Errorf("nemesis: %w", err)
		}
		if f.Disk && !w.disk {
			return nil, nil, fmt.Errorf("nemesis: %s is done to a disk that knows what was synced; add --disk faulty", name)
		}
	}
	slices.Sort(wanted)
	names = draw.Shuffled(k.With("order"), slices.Compact(wanted))
	for _, name := range names {
		weight := 1.0
		if w.weighted {
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
