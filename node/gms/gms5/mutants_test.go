package gms5_test

import (
	"slices"
	"strings"
	"testing"

	"groupy/node/gms/protocols"
)

type mutantFall struct {
	name  string
	falls []string
}

// mutantFalls is which properties each removal may break first; docs/protocol.md
// names the first of them. Integrity falls with those that deliver what was
// definitely refused: "not in the final log" is no proof any more.
var mutantFalls = []mutantFall{
	{"no-fence", []string{"gap-freedom", "same-view-delivery", "virtual-synchrony", "agreement", "uniform-agreement", "no-duplication", "fifo-order", "integrity"}},
	{"no-adopt", []string{"view-agreement", "primary-chain", "virtual-synchrony"}},
	{"own-log", []string{"virtual-synchrony", "no-duplication", "same-view-delivery", "uniform-agreement"}},
	{"no-quorum", []string{"view-agreement", "primary-chain", "same-view-delivery", "uniform-agreement", "virtual-synchrony", "integrity"}},
	{"no-dedupe", []string{"no-duplication", "fifo-order", "integrity"}},
	{"early-delivery", []string{"gap-freedom", "uniform-agreement", "same-view-delivery", "virtual-synchrony", "integrity"}},
}

// rareFalls are the removals that random meshes do not show, those of durable mode
// among them: the harness finds
// them by exploration (its zoo).
var rareFalls = []string{"adopt-oldest", "any-ballot", "half-quorum", "few-acks", "no-fsync", "forget-promise", "leader-forgets", "stale-leader"}

// TestGMS5Mutants shows that the campaign finds what each removal breaks: the
// same runs that find nothing without it.
func TestGMS5Mutants(t *testing.T) {
	proto := gms5(t)
	for _, m := range protocols.Mutants {
		if m.Protocol == "gms5" && !m.Disk && !slices.Contains(rareFalls, m.Name) && !slices.ContainsFunc(mutantFalls, func(f mutantFall) bool { return f.name == m.Name }) {
			t.Errorf("nothing is known to fall with %s", m.Name)
		}
	}
	for _, m := range mutantFalls {
		t.Run(m.name, func(t *testing.T) {
			for seed := uint64(0); seed < 300; seed++ {
				why, _ := judge(planMesh(seed).play(proto, m.name, nil))
				if why == "" {
					continue
				}
				property, _, _ := strings.Cut(why, ":")
				if !slices.Contains(m.falls, property) {
					t.Errorf("run %d breaks %.200s; expected one of %v", seed+1, why, m.falls)
				}
				t.Logf("found in run %d: %.120s", seed+1, why)
				return
			}
			t.Error("not found in 300 runs")
		})
	}
}
