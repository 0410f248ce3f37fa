package harness

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/nemesis"
	"groupy/nemesis/link"
)

// The story of the ladder's first lesson, word for word; only the times hang on
// the links' luck.
func TestStoryOfAHalfSentMessage(t *testing.T) {
	p, err := NewPlan(Options{Seed: "s", Protocol: "gms2", Nodes: 3, Nemesis: []string{}, TimeLimit: 3 * time.Second, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	p = withOps(p, []int{SizeOf(p).Operations - 1})
	p.Ops[0].Node, p.Ops[0].AtMicros, p.Ops[0].Value = "n1", 0, raw("m1")
	p.Faults = []nemesis.Step{{
		ID: "f1", Fault: "kill-mid-multicast", Target: "n1", ForMicros: 2_000_000,
		When: &nemesis.When{From: "n1", Frame: "m1", Pass: []string{"n2"}},
	}}
	run, err := Try(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sentence := range Tell(run, p, "virtual-synchrony") {
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
	p, wanted := failing(t, shrinkable[1])
	run, err := Try(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	story := Tell(run, p, wanted)
	if len(story) != storyLines {
		t.Errorf("%d lines, want %d:\n%s", len(story), storyLines, strings.Join(story, "\n"))
	}
	if last := story[len(story)-1]; !strings.HasPrefix(last, fmt.Sprintf("so %s is violated: ", wanted)) {
		t.Errorf("it ends with %q", last)
	}
}

func TestLinksInWords(t *testing.T) {
	for want, links := range map[string][][2]string{
		"n1 is cut off from n2 and n3":                         {{"n1", "n2"}, {"n1", "n3"}, {"n2", "n1"}, {"n3", "n1"}},
		"n1 and n2 are cut off from n3":                        {{"n1", "n3"}, {"n3", "n1"}, {"n2", "n3"}, {"n3", "n2"}},
		"what n1 sends to n2 and n3 is lost from now on":       {{"n1", "n2"}, {"n1", "n3"}},
		"what n2 and n3 send to n1 is lost from now on":        {{"n2", "n1"}, {"n3", "n1"}},
		"nothing passes from n1 to n2 and from n3 to n4":       {{"n1", "n2"}, {"n3", "n4"}},
		"nothing passes among n1, n2 and n3":                   {{"n1", "n2"}, {"n1", "n3"}, {"n2", "n1"}, {"n2", "n3"}, {"n3", "n1"}, {"n3", "n2"}},
		"n1 is cut off from n2":                                {{"n1", "n2"}, {"n2", "n1"}},
		"what n1 and n2 send to n3 and n4 is lost from now on": {{"n1", "n3"}, {"n1", "n4"}, {"n2", "n3"}, {"n2", "n4"}},
	} {
		if got := cutWords(links); got != want {
			t.Errorf("%v: %q, want %q", links, got, want)
		}
	}
	for want, r := range map[string]link.Rule{
		"every message is lost": {Drop: 1},
		"5% of the messages are lost and messages take 3ms longer":    {Drop: 0.05, Delay: 3 * time.Millisecond},
		"every message is delivered twice":                            {Duplicate: 1},
		"messages take up to 10ms longer and 500 bytes a second pass": {Jitter: 10 * time.Millisecond, BytesPerSec: 500},
		"20% of the messages are overtaken by later ones":             {Reorder: 0.2},
	} {
		if got := ruleWords(r); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

// A fault that acts on nodes has words of its own, so that no story falls back
// to a bare name.
func TestEveryFaultHasWords(t *testing.T) {
	for _, f := range nemesis.Faults {
		var s nemesis.Step
		f.Plan(0, []string{"n1", "n2", "n3", "n4", "n5"}, &s)
		if _, ok := faultWords[f.Name]; !ok && s.Target != "" {
			t.Errorf("%s has no words", f.Name)
		}
	}
}
