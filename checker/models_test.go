package checker_test

import (
	"os"
	"strings"
	"testing"

	"groupy/checker/objects"
)

// TestTheModelsAreDocumented holds docs/models.md against the code, and asks for a
// legal, an illegal and a vacuous history of each model among the golden ones.
func TestTheModelsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(doc), "`", "")
	var golden string
	for _, name := range []string{"models", "linearizability"} {
		data, err := os.ReadFile("testdata/golden/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		golden += strings.ReplaceAll(string(data), "check linearizability\n", "check linearizability model=map\n")
	}
	for _, m := range objects.Models {
		if !strings.Contains(text, "| "+m.Name+" | "+m.Sentence+" |") {
			t.Errorf("docs/models.md does not have %s: %s", m.Name, m.Sentence)
		}
		for _, op := range m.Operations {
			if !strings.Contains(text, "| "+op.F+" | "+op.Sentence+" |") {
				t.Errorf("docs/models.md does not have %s's %s: %s", m.Name, op.F, op.Sentence)
			}
		}
		var verdicts string
		for _, one := range strings.Split(golden, "check linearizability model=")[1:] {
			if strings.HasPrefix(one, m.Name) {
				_, after, _ := strings.Cut(one, "----\n")
				verdicts += after
			}
		}
		for _, want := range []string{"valid, evidence", "invalid, evidence", "no-answers: no"} {
			if !strings.Contains("\n"+verdicts, "\n"+want) {
				t.Errorf("no golden history of %s has %q", m.Name, want)
			}
		}
	}
	for _, p := range objects.Parameters {
		if !strings.Contains(text, "| "+p.Name+" | "+p.Sentence+" |") {
			t.Errorf("docs/models.md does not have %s: %s", p.Name, p.Sentence)
		}
	}
}
