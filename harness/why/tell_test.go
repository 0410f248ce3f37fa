package why

import (
	"strings"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// A story whose violation lies before the main phase begins there: no time in it is
// negative.
func TestAStoryOfTheBootstrapCountsFromItsBeginning(t *testing.T) {
	lines := []string{
		`{"type":"header","format":"groupy-history/1","nodes":["n1","n2"]}`,
		`{"index":0,"time":1000000,"type":"phase","phase":"bootstrap"}`,
		`{"index":1,"time":2000000,"type":"start","node":"n1","member":"n1.1"}`,
		`{"index":2,"time":3000000,"type":"view","member":"n1.1","view":"1","members":["n1.1"]}`,
		`{"index":3,"time":4000000,"type":"invoke","process":"c0","node":"n1","f":"multicast","value":"m1"}`,
		`{"index":4,"time":5000000,"type":"deliver","member":"n1.1","msg":"m1","view":"1"}`,
		`{"index":5,"time":6500000,"type":"deliver","member":"n1.1","msg":"m1","view":"1"}`,
		`{"index":6,"time":7000000,"type":"view","member":"n1.1","view":"1","members":["n1.1"]}`,
		`{"index":7,"time":9000000,"type":"phase","phase":"main"}`,
	}
	for _, c := range []struct {
		wanted verdict.Signature
		first  string
	}{{"no-duplication", "0.000 ms  n1 is asked to multicast m1"}, {"view-monotonicity", "0.000 ms  n1 installs view 1 of n1"}} {
		trial := &run.Trial{History: []byte(strings.Join(lines, "\n") + "\n")}
		var err error
		if trial.Judgement, err = verdict.Judge(verdict.FromMemory(trial.History), nil, nil, checker.Options{}); err != nil {
			t.Fatal(err)
		}
		if !c.wanted.Has(trial.Judgement) {
			t.Fatalf("%s is not violated", c.wanted)
		}
		story := Tell(trial, &plan.Plan{Nodes: []string{"n1", "n2"}}, c.wanted)
		if text := strings.Join(story, "\n"); len(story) < 3 || !strings.Contains(story[1], c.first) || strings.Contains(text, " -") {
			t.Errorf("%s is told so:\n%s", c.wanted, text)
		}
	}
}
