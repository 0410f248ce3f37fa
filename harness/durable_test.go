package harness

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/nemesis"
	"groupy/workloads"
)

// durablePlan is a run of gms5 in durable mode, in fast motion.
func durablePlan(t testing.TB, seed int, change func(*plan.Options)) *plan.Plan {
	t.Helper()
	return followPlan(t, "gms5", "colour", seed, func(o *plan.Options) {
		o.Seed, o.Durable, o.Nemesis = fmt.Sprint("durable-", seed), true, []string{"all"}
		if change != nil {
			change(o)
		}
	})
}

// TestDurableGroupSurvivesEverything: with their disks intact, members come back as
// what they were, whatever happened to how many of them, and no run is excused for
// the deaths of a majority.
func TestDurableGroupSurvivesEverything(t *testing.T) {
	n := seeds(12)
	unknown, again := 0, int64(0)
	for seed := range n {
		p := durablePlan(t, seed, func(o *plan.Options) {
			o.Workload = []string{"colour", "map", "multicast", "churn"}[seed%4]
			if seed%2 == 0 {
				o.Nemesis = []string{"kill", "restart", "restart-all", "pause", "isolate-leader", "kill-successor"}
			}
			o.Rate = []float64{100, 200, 1000}[seed%3]
		})
		j := judgedInSim(t, p)
		again += j.Properties["recovery"].Evidence
		if j.Verdict == checker.Invalid {
			for name, r := range j.Properties {
				if r.Promised && r.Verdict == checker.Invalid {
					t.Errorf("seed %d: %s: %s", seed, name, r.Explanation)
				}
			}
		}
		if j.Verdict == checker.Unknown {
			unknown++
			t.Logf("seed %d: %v", seed, j.Unknown)
		}
	}
	t.Logf("%d runs, %d unknown; %d things done again after a restart", n, unknown, again)
	if again < int64(n) {
		t.Errorf("only %d things were done again in %d runs", again, n)
	}
}

// TestAllDieAndComeBack: what restart-all takes from a group that keeps nothing, a
// durable one has still.
func TestAllDieAndComeBack(t *testing.T) {
	for _, durable := range []bool{true, false} {
		j := judgedInSim(t, durablePlan(t, 1, func(o *plan.Options) { o.Durable, o.Nemesis = durable, []string{"restart-all"} }))
		loss := j.Properties["membership-precision"]
		t.Logf("durable %v: %s, membership-precision %s %v", durable, j.Verdict, loss.Verdict, loss.Reason)
		if durable && j.Verdict != checker.Valid || !durable && (loss.Reason == nil || loss.Reason.Code != "blocked-as-specified") {
			t.Errorf("durable %v: %s %v, %v", durable, j.Verdict, j.Unknown, loss.Reason)
		}
	}
}

// forgetting is the schedule that a forgotten promise cannot stand. n2 gathers the
// promises of n3, n4 and n5 while n1 is cut off, and freezes before it looks at them,
// for less time than it would notice. n3 and n4 start again. n1 is back, for these
// two, and what it orders with them is committed, if they know of no promise; it is
// kept from a view change of its own by the least size of a view. Then n2 goes on and
// decides without it.
func forgetting(t testing.TB) *plan.Plan {
	p := followPlan(t, "gms5", "multicast", 1, func(o *plan.Options) {
		o.Seed, o.Name, o.Durable, o.Mutant, o.Muted = "forgetting", "forget-promise", true, "forget-promise", true
		o.TimeLimit, o.Rate, o.Config = 4*time.Second, 200, `{"min_primary":4}`
	})
	const ms = 1000
	p.Ops = slices.DeleteFunc(p.Ops, func(op workloads.Op) bool { return op.AtMicros < 900*ms || op.AtMicros > 1600*ms })
	p.Bootstrap = nil
	cut := func(id string, until int64, groups ...[]string) nemesis.Step {
		return nemesis.Step{ID: id, Fault: "isolate-one", AtMicros: 1000 * ms, ForMicros: until - 1000*ms, Groups: groups}
	}
	p.Faults = []nemesis.Step{
		cut("f1", 1375*ms, []string{"n1"}, []string{"n3", "n4"}),
		cut("f2", 3000*ms, []string{"n1"}, []string{"n2", "n5"}),
		{
			ID: "f3", Fault: "pause", Target: "n2", AtMicros: 1000 * ms, ForMicros: 150 * ms,
			When: &nemesis.When{From: "n2", Frame: "prepare", Pass: []string{"n3", "n4", "n5"}},
		},
		{ID: "f4", Fault: "restart", Target: "n3,n4", AtMicros: 1360 * ms, ForMicros: 500 * ms},
	}
	return p
}

// TestPromisesAreKept: where promises are on disk the schedule breaks nothing, and
// where they are not it does.
func TestPromisesAreKept(t *testing.T) {
	p := forgetting(t)
	if fallen, _ := brokenBy(t, p); !slices.Contains(fallen, "virtual-synchrony") {
		t.Errorf("with the mutant the plan breaks %v", fallen)
	}
	p.Config = bytes.Replace(p.Config, []byte("forget-promise"), nil, 1)
	if j := judgedInSim(t, p); j.Verdict != checker.Valid {
		t.Errorf("without it the plan is %s: %v", j.Verdict, j.Unknown)
	}
}

// TestDurableWorldsAgree: the disk of the virtual worlds is the same in both, byte
// for byte.
func TestDurableWorldsAgree(t *testing.T) {
	p := durablePlan(t, 5, func(o *plan.Options) {
		o.TimeLimit, o.Nemesis = 2*time.Second, []string{"restart-all", "restart", "kill"}
	})
	simulated := inSim(t, p)
	job := runtest.JobFor(t, p)
	job.World = run.WorldLockstep
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	path, err := result.Folder.History()
	if err != nil {
		t.Fatal(err)
	}
	stepped, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(simulated, stepped) {
		t.Errorf("the histories differ: %d and %d bytes", len(simulated), len(stepped))
	}
	if !bytes.Contains(simulated, []byte(`"after":"`)) {
		t.Error("no member came back from its disk")
	}
}

// TestDurableOnRealProcesses kills all five at once under load, again and again, by
// SIGKILL: nothing that was acknowledged is lost, and the group goes on.
func TestDurableOnRealProcesses(t *testing.T) {
	t.Parallel() // it mostly waits
	p := durablePlan(t, 1, func(o *plan.Options) {
		o.TimeLimit, o.Rate, o.Timeout, o.Workload = 5*time.Second, 1500, 500*time.Millisecond, "colour"
		o.Nemesis = []string{"restart-all", "restart", "kill"}
	})
	result := runtest.RunPlan(t, p)
	j := result.Judgement
	t.Logf("%s, recovery over %d, %d deliveries, %v, notes %v", j.Verdict, j.Properties["recovery"].Evidence, j.Stats.Deliveries, j.Stats.Operations, result.Record.Notes)
	if j.Properties["recovery"].Evidence < 5 {
		t.Errorf("%s: hardly anybody came back: %v", j.Verdict, j.Unknown)
	}
	for name, r := range j.Properties {
		if r.Promised && r.Verdict == checker.Invalid {
			t.Errorf("%s: %s", name, r.Explanation)
		}
	}
}
