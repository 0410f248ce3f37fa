package harness

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/verdict"
)

// twice runs a Python node in lockstep, twice, and gives where the two histories
// part.
func twice(t *testing.T, script string) (*replay.Difference, *verdict.Judgement) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is missing: no node in another language is run")
	}
	plan, err := plan.NewPlan(plan.Options{
		Seed: "python", Nodes: 3, Nemesis: []string{"pause", "delay"}, TimeLimit: 3 * time.Second, NodeDoesOwn: true, Protocol: "own",
	})
	if err != nil {
		t.Fatal(err)
	}
	job := runtest.JobFor(t, plan)
	job.World, job.Foreign = run.WorldLockstep, true
	job.Program = world.Program{Path: python, Args: []string{"testdata/" + script}}
	first, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := replay.Replay(context.Background(), job, &replay.Original{Plan: plan, Folder: first.Folder, Record: &first.Record}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return replayed.Parted(), first.Judgement
}

func TestForeignNodeRepeatsItselfInLockstep(t *testing.T) {
	t.Parallel()
	difference, judgement := twice(t, "sequencer.py")
	if difference != nil {
		t.Errorf("two runs of one plan differ: %v", difference)
	}
	if judgement.Verdict == checker.Invalid || judgement.Stats.Shared < 50 {
		t.Errorf("verdict %s with %d messages delivered by two", judgement.Verdict, judgement.Stats.Shared)
	}
}

func TestUnrepeatableNodeIsFoundOut(t *testing.T) {
	t.Parallel()
	difference, _ := twice(t, "unrepeatable.py")
	if difference == nil {
		t.Fatal("a node that draws from the machine gave the same history twice")
	}
	if !strings.Contains(difference.String(), "the coin said") {
		t.Errorf("the first difference is not where the node broke the rule: %v", difference)
	}
}
