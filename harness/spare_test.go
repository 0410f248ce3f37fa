package harness

import (
	"context"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/nemesis"
)

// Found by a campaign: kills that waited for their triggers met, and took three of
// five members away; the rest of the run showed nothing. A plan cannot know when
// its triggers spring, the run can.
func TestAQuorumIsSpared(t *testing.T) {
	run := func(spare bool) *run.Trial {
		plan, err := plan.NewPlan(plan.Options{Seed: "spared", Nodes: 5, Protocol: "gms5", Nemesis: []string{}, TimeLimit: 10e9})
		if err != nil {
			t.Fatal(err)
		}
		if !plan.Spare {
			t.Fatal("a plan for gms5 does not spare its quorum")
		}
		plan.Spare = spare
		plan.Faults = []nemesis.Step{
			{ID: "f1", Fault: "kill", Target: "leader", AtMicros: 500_000, ForMicros: 8_000_000},
			{ID: "f2", Fault: "kill", Target: "n3", AtMicros: 510_000, ForMicros: 8_000_000},
			// A view of three members may lose one of them, and not two.
			{ID: "f3", Fault: "kill", Target: "n4,n5", AtMicros: 520_000, ForMicros: 1_000_000},
			{ID: "f4", Fault: "kill", Target: "n5", AtMicros: 6_000_000, ForMicros: 1_000_000},
		}
		trial, err := run.Try(context.Background(), plan)
		if err != nil {
			t.Fatal(err)
		}
		return trial
	}
	const why = "which is no quorum"
	if spared := run(true); spared.Judgement.Verdict != checker.Valid {
		t.Errorf("spared, the run is %s, want valid", spared.Judgement.Verdict)
	} else if h := string(spared.History); strings.Count(h, why) != 1 || !strings.Contains(h, `"member":"n5.2"`) {
		t.Errorf("the history says %q %d times, want once, for the two at a time and not for the one", why, strings.Count(h, why))
	}
	if bare := run(false); bare.Judgement.Verdict != checker.Unknown || strings.Contains(string(bare.History), why) {
		t.Errorf("without, the run is %s, want unknown: nothing was there to spare", bare.Judgement.Verdict)
	}
}
