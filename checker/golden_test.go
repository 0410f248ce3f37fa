package checker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"groupy/checker"
)

// TestGolden runs the files in testdata, one for each property: hand-made bad
// histories, their exact verdict text, and legal twins beside them. The command
// "check NAME" shows one property of a history in script's words, with model=… by a
// chosen model; "report" shows all that `groupy check` prints.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			events, err := script(d.Input)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			var promises []string
			var model string
			for _, arg := range d.CmdArgs {
				if arg.Key == "model" {
					model = strings.Join(arg.Vals, ",")
				} else {
					promises = append(promises, arg.Key)
				}
			}
			rep := check(t, events, checker.Options{Promises: promises, Model: model})
			if d.Cmd == "report" {
				var out strings.Builder
				checker.Render(&out, rep)
				return out.String()
			}
			return outcome(rep.Properties[promises[0]])
		})
	})
}

// outcome is one property's result as text.
func outcome(r checker.Result) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, evidence %d", r.Verdict, r.Evidence)
	if r.Count > 0 {
		fmt.Fprintf(&out, ", count %d\n%s", r.Count, r.Explanation)
	}
	if r.Reason != nil {
		fmt.Fprintf(&out, "\n%s: %s", r.Reason.Code, r.Reason.Text)
	}
	for _, w := range r.Witness {
		fmt.Fprintf(&out, "\n  %d %s", w.Index, w.Text)
	}
	return out.String() + "\n"
}

// TestEveryPropertyHasGoldenFile also asks that the file shows both verdicts.
func TestEveryPropertyHasGoldenFile(t *testing.T) {
	for _, p := range checker.Properties {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", p.Name+".txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, verdict := range []checker.Verdict{checker.Valid, checker.Invalid} {
			if !strings.Contains(string(text), fmt.Sprintf("\n----\n%s, evidence ", verdict)) {
				t.Errorf("%s: no history is %s", p.Name, verdict)
			}
		}
	}
}
