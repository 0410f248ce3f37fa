package harness

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/nemesis"
)

// exploring are options of a short plan with room for every strategy.
func exploring(seed string, strategies ...string) plan.Options {
	return plan.Options{
		Seed: seed, Protocol: "gms5", Nemesis: []string{"all"}, Explore: strategies,
		TimeLimit: 4 * time.Second, Timeout: 250 * time.Millisecond, Heartbeat: 50 * time.Millisecond, Rate: 30,
	}
}

func mustPlan(t testing.TB, o plan.Options) *plan.Plan {
	t.Helper()
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Each strategy leaves its mark on some plan, is repeatable, and gives plans that
// can be stored and read again.
func TestStrategiesShapePlans(t *testing.T) {
	for _, s := range plan.Strategies {
		t.Run(s.Name, func(t *testing.T) {
			shaped := 0
			for seed := range 20 {
				o := exploring(fmt.Sprint(seed), s.Name)
				p := mustPlan(t, o)
				if again := mustPlan(t, o); !bytes.Equal(p.Encode(), again.Encode()) {
					t.Fatalf("seed %d: two plans of the same options differ", seed)
				}
				if _, err := plan.ReadPlan(bytes.NewReader(p.Encode())); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				o.Explore = []string{"uniform"}
				if !bytes.Equal(p.Encode(), mustPlan(t, o).Encode()) {
					shaped++
				}
			}
			if none := s.Name == "uniform"; none != (shaped == 0) {
				t.Errorf("%d of 20 plans are other than uniform ones", shaped)
			}
		})
	}
}

// What was asked for by name stays in the plan as it was, whatever is explored.
func TestStrategiesKeepWhatWasAskedFor(t *testing.T) {
	var all []string
	for _, s := range plan.Strategies {
		all = append(all, s.Name)
	}
	for seed := range 40 {
		o := exploring(fmt.Sprint(seed), all...)
		o.Nemesis = []string{"kill", "pause"}
		p := mustPlan(t, o)
		for _, name := range p.Requested {
			if !slices.ContainsFunc(p.Faults, func(s nemesis.Step) bool { return s.Fault == name && s.When == nil }) {
				t.Errorf("seed %d: no %s that waits for nothing", seed, name)
			}
		}
		for _, s := range p.Faults {
			if s.Fault != "delay" && !slices.Contains(o.Nemesis, s.Fault) {
				t.Errorf("seed %d: %s was not asked for", seed, s.Fault)
			}
			if s.Fault == "delay" && s.Rule.Delay.Microseconds() > o.Timeout.Microseconds()/4 {
				t.Errorf("seed %d: a delay of %v, which a detector of %v need not forgive", seed, s.Rule.Delay, o.Timeout)
			}
		}
	}
}

// Triggers do spring: a strategy that waits in vain explores nothing.
func TestTriggersOfStrategiesSpring(t *testing.T) {
	for _, name := range []string{"crash", "trigger", "rounds"} {
		sprung, waited := 0, 0
		for seed := range 10 {
			p := mustPlan(t, exploring(fmt.Sprint(seed), name))
			trial, err := run.Try(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.Faults {
				if s.When == nil {
					continue
				}
				waited++
				if bytes.Contains(trial.History, fmt.Appendf(nil, `"id":%q,"phase":"begin"`, s.ID)) {
					sprung++
				}
			}
		}
		t.Logf("%s: %d of %d triggers sprang", name, sprung, waited)
		if 4*sprung < waited || waited == 0 {
			t.Errorf("%s: %d of %d triggers sprang", name, sprung, waited)
		}
	}
}

// Coordinators of view changes die between ACCEPT and DECIDE, and pauses last about
// as long as the detector's patience: what random schedules miss.
func TestStrategiesHitViewChanges(t *testing.T) {
	killed, paused := map[string]int{}, 0
	for seed := range 40 {
		o := exploring(fmt.Sprint(seed), "trigger", "crash", "pauses")
		o.Nemesis = []string{"kill", "restart", "pause", "leave"}
		p := mustPlan(t, o)
		trial, err := run.Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Faults {
			began := bytes.Contains(trial.History, fmt.Appendf(nil, `"id":%q,"phase":"begin"`, s.ID))
			length := float64(s.ForMicros) / float64(o.Timeout.Microseconds())
			switch {
			case !began:
			case (s.Fault == "kill" || s.Fault == "restart") && s.When != nil:
				killed[s.When.Frame]++
			case s.Fault == "pause" && length >= 0.8 && length <= 2.5:
				paused++
			}
		}
	}
	t.Logf("killed at accept %d times, at decide %d, paused for 0.8 to 2.5 timeouts %d times", killed["accept"], killed["decide"], paused)
	if killed["accept"] == 0 || killed["decide"] == 0 || paused < 10 {
		t.Errorf("killed at accept %d times, at decide %d, paused %d times", killed["accept"], killed["decide"], paused)
	}
}

// What a plan is guided by changes the plan, and the same guidance gives the same.
func TestCoverageGuidesThePlan(t *testing.T) {
	o := plan.Options{Seed: "1", Protocol: "gms5", Nemesis: []string{"all"}, Explore: []string{plan.CoverageStrategy}}
	first := string(mustPlan(t, o).Encode())
	if first != string(mustPlan(t, o).Encode()) {
		t.Error("the same options give two plans")
	}
	o.Met = plan.Coverage{}
	for _, s := range mustPlan(t, o).Faults {
		o.Met.Add(s.Fault, plan.MomentIdle, 1000)
		o.Met.Add(s.Fault, plan.MomentRecovery, 1000)
	}
	guided := mustPlan(t, o)
	if first == string(guided.Encode()) {
		t.Error("what was met changes nothing")
	}
	waits := 0
	for _, s := range guided.Faults {
		if s.When != nil {
			waits++
		}
	}
	if waits*3 < len(guided.Faults) {
		t.Errorf("%d of %d faults wait for a moment that was not met: %s", waits, len(guided.Faults), strings.Join(plan.Moments, ", "))
	}
}
