package harness

import (
	"fmt"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run/runtest"
	"groupy/harness/verdict"
)

// The message of a trigger is alone: nothing is asked near it, whatever the seed.
func TestATriggersMessageIsAlone(t *testing.T) {
	for i := range 100 {
		p, err := plan.NewPlan(plan.Options{
			Seed: fmt.Sprint(i), Nodes: 3 + i%7, Protocol: "gms2", Rate: 50 + float64(i),
			Nemesis: []string{"kill-mid-multicast"}, TimeLimit: time.Duration(3+i%10) * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Faults) != 1 || p.Faults[0].When == nil || p.Faults[0].When.Frame == "" {
			t.Fatalf("seed %d: want one step with a message to wait for, have %+v", i, p.Faults)
		}
		step := p.Faults[0]
		at, asked := int64(-1), 0
		for _, op := range p.Ops {
			if string(op.Value) == fmt.Sprintf("%q", step.When.Frame) {
				at, asked = op.AtMicros, asked+1
			}
		}
		if asked != 1 {
			t.Fatalf("seed %d: %s is asked %d times", i, step.When.Frame, asked)
		}
		if step.AtMicros >= at {
			t.Errorf("seed %d: the trigger is set at %d µs, its message asked at %d", i, step.AtMicros, at)
		}
		for _, op := range p.Ops {
			if d := op.AtMicros - at; d != 0 && d > -500_000 && d < 500_000 {
				t.Errorf("seed %d: %s is asked %d µs from the trigger's message", i, op.Value, d)
			}
		}
	}
}

// TestFirstViolation is what the README promises: one command breaks gms2, the
// same command does not break the levels above it.
func TestFirstViolation(t *testing.T) {
	if testing.Short() {
		t.Skip("runs real processes for some seconds")
	}
	for _, c := range []struct {
		level string
		want  checker.Verdict
	}{
		{"gms2", checker.Invalid}, {"gms2", checker.Invalid}, {"gms3", checker.Valid}, {"gms4", checker.Valid}, {"gms5", checker.Valid},
	} {
		t.Run(c.level, func(t *testing.T) {
			t.Parallel()
			p, err := plan.NewPlan(plan.Options{
				Seed: t.Name(), Protocol: c.level, Nemesis: []string{"kill-mid-multicast"},
				TimeLimit: 6 * time.Second, Timeout: 2 * time.Second, // no noise is to look like another fault
			})
			if err != nil {
				t.Fatal(err)
			}
			j := runtest.RunPlan(t, p).Judgement
			if j.Verdict != c.want {
				t.Fatalf("verdict %s, want %s: %s", j.Verdict, c.want, words(j))
			}
			if c.want != checker.Invalid {
				return
			}
			if r := j.Properties["agreement"]; r.Verdict != checker.Invalid {
				t.Errorf("a message that one of the group has is no breach of agreement: %+v", r)
			}
			for name, r := range j.Properties {
				if r.Promised && r.Verdict == checker.Invalid && (len(r.Witness) == 0 || len(r.Witness) > 6) {
					t.Errorf("%s has a witness of %d events, want at most six: %v", name, len(r.Witness), r.Witness)
				}
			}
		})
	}
}

// words is a judgement for a test's message: what is broken and why.
func words(j *verdict.Judgement) string {
	text := fmt.Sprint(j.Unknown)
	for name, r := range j.Properties {
		if r.Promised && r.Verdict != checker.Valid {
			text += fmt.Sprintf("\n%s: %s %s %v", name, r.Verdict, r.Explanation, r.Witness)
		}
	}
	return text
}
