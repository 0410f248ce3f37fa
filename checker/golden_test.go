package checker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// TestGolden runs the files in testdata, one for each property: hand-made bad
// histories, their exact verdict text, and legal twins beside them. The command
// "check NAME" shows one property of a history in script's words, with model=… by a
// chosen model; "report" shows all that `groupy check` prints; "stream" says whether
// the stream proves it or what it finds suspicious.
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
			o := checker.Options{Promises: promises, Model: model}
			if d.Cmd == "stream" {
				return proof(t, events)
			}
			rep := check(t, events, o)
			if model == "" {
				proof(t, events)
			}
			if d.Cmd == "report" {
				var out strings.Builder
				checker.Render(&out, rep)
				return out.String()
			}
			return outcome(rep.Properties[promises[0]])
		})
	})
}

// proof says whether the stream proves a history or what it finds suspicious. Its
// report must be the trace's.
func proof(t *testing.T, events []history.Event) string {
	t.Helper()
	stream, trace, why := checker.Both(t, encode(t, history.Header{}, events), checker.Options{Promises: allNames()})
	if stream == nil {
		return why + "\n"
	}
	if diff := cmp.Diff(trace, stream); diff != "" {
		t.Errorf("the stream's report differs (-trace +stream):\n%s\n%s", diff, show(t, events))
	}
	return "proven\n"
}

// outcome is one property's result as text.
func outcome(r report.Result) string {
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

// TestEveryPropertyHasGoldenFile asks for a history that breaks the property, and for
// a legal twin beside it, each of 5 to 20 events: a whole story, and still readable.
func TestEveryPropertyHasGoldenFile(t *testing.T) {
	shown := regexp.MustCompile(`(?m)^check ([\w-]+).*\n((?:.+\n)+)----\n(valid|invalid), evidence `)
	for _, p := range checker.Properties {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", p.Name+".txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		found := map[string]bool{}
		for _, one := range shown.FindAllStringSubmatch(string(text), -1) {
			if events := strings.Count(one[2], "\n"); one[1] == p.Name && events >= 5 && events <= 20 {
				found[one[3]] = true
			}
		}
		for _, verdict := range []report.Verdict{report.Valid, report.Invalid} {
			if !found[string(verdict)] {
				t.Errorf("%s: no history of 5 to 20 events is %s", p.Name, verdict)
			}
		}
	}
}

// TestThePropertiesAreDocumented holds docs/properties.md against the code: it has
// each property with its sentence, and no other.
func TestThePropertiesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/properties.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([\\w-]+)` \\| (.*) \\|$").FindAllStringSubmatch(string(doc), -1) {
		rows[row[1]] = row[2]
	}
	for _, p := range checker.Properties {
		if rows[p.Name] != p.Statement {
			t.Errorf("docs/properties.md says of %s: %q, and the code: %q", p.Name, rows[p.Name], p.Statement)
		}
		delete(rows, p.Name)
	}
	for name := range rows {
		t.Errorf("docs/properties.md has %s, which is no property", name)
	}
}
