package harness

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/verdict"
	"groupy/node/draw"
)

// overTheGroup is a plan of a workload with reads, writes and cas on gms5, in
// fast motion.
func overTheGroup(t testing.TB, workload string, seed int, change func(*plan.Options)) *plan.Plan {
	t.Helper()
	k := draw.New(workload).At(uint64(seed))
	o := plan.Options{
		Seed: fmt.Sprint(workload, "-", seed), Protocol: "gms5", Workload: workload,
		Nodes: 3 + 2*k.With("nodes").Intn(2), Rate: k.With("rate").LogBetween(100, 600),
		TimeLimit: 4 * time.Second, Heartbeat: 50 * time.Millisecond, Timeout: 300 * time.Millisecond,
		Nemesis: []string{"all"},
	}
	if change != nil {
		change(&o)
	}
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func judgedInSim(t testing.TB, p *plan.Plan) *verdict.Judgement {
	t.Helper()
	j, err := verdict.Judge(verdict.FromMemory(inSim(t, p)), p, nil, checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// seeds is how many seeds a test tries; GROUPY_SEEDS overrides it.
func seeds(byDefault int) int {
	if n, err := strconv.Atoi(os.Getenv("GROUPY_SEEDS")); err == nil {
		return n
	}
	return byDefault
}

// TestMapIsLinearizableUnderFaults: whatever is killed, paused, cut or lost, the
// answers fit one order, the replicas agree, and it is known.
func TestMapIsLinearizableUnderFaults(t *testing.T) {
	for _, workload := range []string{"register", "map"} {
		t.Run(workload, func(t *testing.T) {
			var evidence, excused int64
			n := seeds(12)
			for seed := range n {
				j := judgedInSim(t, overTheGroup(t, workload, seed, nil))
				r := j.Properties["linearizability"]
				evidence += r.Evidence
				if j.Verdict == checker.Invalid || r.Verdict != checker.Valid || !r.Promised {
					t.Errorf("seed %d: %s, linearizability %s: %s %v %v", seed, j.Verdict, r.Verdict, r.Explanation, r.Reason, j.Unknown)
				}
				if j.Verdict == checker.Unknown {
					excused++
					t.Logf("seed %d: unknown: %v", seed, j.Unknown)
				}
			}
			t.Logf("%d seeds, %d answers compared, %d runs unknown", n, evidence, excused)
			if excused > int64(n)/4 {
				t.Errorf("%d of %d runs are unknown", excused, n)
			}
		})
	}
}

// TestLocalReadsAreFoundStale: the honest option costs linearizability, and the
// checker finds where.
func TestLocalReadsAreFoundStale(t *testing.T) {
	for _, workload := range []string{"register", "map"} {
		found := 0
		for seed := range seeds(8) {
			j := judgedInSim(t, overTheGroup(t, workload, seed, func(o *plan.Options) { o.LocalReads = true }))
			for name, r := range j.Properties {
				if r.Promised && r.Verdict == checker.Invalid && name != "linearizability" {
					t.Errorf("%s, seed %d: %s: %s", workload, seed, name, r.Explanation)
				}
			}
			r := j.Properties["linearizability"]
			if r.Verdict != checker.Invalid {
				continue
			}
			if found++; found == 1 {
				t.Logf("%s, seed %d, %d keys: %s", workload, seed, r.Count, r.Explanation)
			}
			if len(r.Witness) < 4 || len(r.Witness) > 9 {
				t.Errorf("%s, seed %d: the witness has %d events: %s", workload, seed, len(r.Witness), r.Explanation)
			}
		}
		t.Logf("%s: found in %d of %d seeds", workload, found, seeds(8))
		if found == 0 {
			t.Errorf("%s: no stale read in %d seeds", workload, seeds(8))
		}
	}
}
