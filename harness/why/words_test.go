package why

import (
	"testing"
	"time"

	"groupy/nemesis"
	"groupy/nemesis/link"
)

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
		if f.Words.One == "" && s.Target != "" {
			t.Errorf("%s has no words", f.Name)
		}
	}
}
