package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
	"groupy/nemesis"
	"groupy/workloads"
)

// Found by a campaign over all faults in the simulated world, seed t9efs4zrf: a
// trigger waited for a message of n1, n1 died, and the trigger then stopped the
// next incarnation at its own message, for ever. gms5 was accused of keeping a
// live node out of its view.
func TestTriggerDoesNotOutliveItsSender(t *testing.T) {
	plan, err := plan.NewPlan(plan.Options{Seed: "gone", Nodes: 3, Protocol: "gms5", Nemesis: []string{}, TimeLimit: 4e9})
	if err != nil {
		t.Fatal(err)
	}
	const late = 3_000_000 // n1 is back by then
	value, _ := json.Marshal("awaited")
	plan.Ops = append(plan.Ops, workloads.Op{AtMicros: late, Client: 50, Node: "n1", F: "multicast", Value: value})
	plan.Faults = []nemesis.Step{
		{ID: "f1", Fault: "kill-mid-multicast", Target: "n1", AtMicros: 100_000, When: &nemesis.When{
			From: "n1", Frame: "awaited", Pass: []string{"n3"},
		}},
		{ID: "f2", Fault: "kill", Target: "n1", AtMicros: 500_000, ForMicros: 300_000},
	}
	trial, err := run.Try(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Judgement.Verdict == checker.Invalid {
		t.Errorf("%s is violated: %s", verdict.SignatureOf(trial.Judgement), trial.Judgement.Properties[verdict.SignatureOf(trial.Judgement).Property()].Explanation)
	}
	if want := []byte("n1.1 was gone before it had sent what the step waits for"); !bytes.Contains(trial.History, want) {
		t.Errorf("the history does not say that %s", want)
	}
	if !bytes.Contains(trial.History, []byte(`"f":"multicast","value":"awaited"`)) {
		t.Error("the awaited message was not even asked for: the test shows nothing")
	}
}
