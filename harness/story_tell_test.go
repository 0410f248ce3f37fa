package harness

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/why"
	"groupy/nemesis"
)

// The story of the ladder's first lesson, word for word; only the times hang on
// the links' luck.
func TestStoryOfAHalfSentMessage(t *testing.T) {
	p, err := plan.NewPlan(plan.Options{Seed: "s", Protocol: "gms2", Nodes: 3, Nemesis: []string{}, TimeLimit: 3 * time.Second, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.Bootstrap, p.Ops = nil, p.Ops[len(p.Ops)-1:]
	p.Ops[0].Node, p.Ops[0].AtMicros, p.Ops[0].Value = "n1", 0, []byte(`"m1"`)
	p.Faults = []nemesis.Step{{
		ID: "f1", Fault: "kill-mid-multicast", Target: "n1", ForMicros: 2_000_000,
		When: &nemesis.When{From: "n1", Frame: "m1", Pass: []string{"n2"}},
	}}
	run, err := run.Try(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sentence := range why.Tell(run, p, "virtual-synchrony") {
		got = append(got, regexp.MustCompile(`^ *(at first|[0-9.]+ ms)  `).ReplaceAllString(sentence, ""))
	}
	want := []string{
		"n1, n2 and n3 are in view 3, n1 leads",
		"n1 is asked to multicast m1",
		"n1 and n2 deliver m1 in view 3",
		"n1 is killed, having sent m1 to n2 and to nobody else",
		"n2 installs view 4 of n2 and n3",
		"n3 installs view 4 of n2 and n3, without m1",
		"so virtual-synchrony is violated: n3 went from view 3 to view 4 without m1, which n2 delivered in view 3",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A story of a large run is short, too, and keeps what the violation is made of.
func TestStoryOfALargeRunIsShort(t *testing.T) {
	p, wanted := runtest.Failing(t, plan.Options{Protocol: "gms3", Nemesis: []string{"pause"}, TimeLimit: 10 * time.Second})
	run, err := run.Try(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	story := why.Tell(run, p, wanted)
	if len(story) != 10 {
		t.Errorf("%d lines, want %d:\n%s", len(story), 10, strings.Join(story, "\n"))
	}
	if last := story[len(story)-1]; !strings.HasPrefix(last, fmt.Sprintf("so %s is violated: ", wanted)) {
		t.Errorf("it ends with %q", last)
	}
}
