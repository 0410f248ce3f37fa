package checker_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/history/foreign"
	"groupy/checker/report"
)

// Every golden history, written as Jepsen writes and read again, has the same
// verdicts, evidence and witnesses.
func TestTheWayThroughJepsensNotationsChangesNothing(t *testing.T) {
	histories := 0
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			events, err := script(d.Input)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			histories++
			text := encode(t, history.Header{Name: "golden", Nodes: []string{"n1"}}, events)
			want := judged(t, text)
			for _, notation := range []string{"jepsen-edn", "jepsen-json"} {
				if diff := cmp.Diff(want, judged(t, thereAndBack(t, text, notation))); diff != "" {
					t.Errorf("%s: %s\n%s", d.Pos, notation, diff)
				}
			}
			return d.Expected
		})
	})
	if histories < len(checker.Properties) {
		t.Errorf("only %d histories went the way", histories)
	}
}

func judged(t *testing.T, text []byte) report.Report {
	t.Helper()
	r, err := history.NewReader(bytes.NewReader(text), "history")
	if err != nil {
		t.Fatal(err)
	}
	rep, err := checker.Check(r, checker.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rep
}

func thereAndBack(t *testing.T, text []byte, notation string) []byte {
	t.Helper()
	r, err := history.NewReader(bytes.NewReader(text), "history")
	if err != nil {
		t.Fatal(err)
	}
	var there, back bytes.Buffer
	if err := foreign.Export(r, notation, &there); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(path, there.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := foreign.Detect(path)
	if err != nil || name != notation {
		t.Fatalf("%s is taken for %q (%v):\n%s", notation, name, err, there.Bytes())
	}
	format, err := foreign.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := foreign.Convert(path, format, foreign.Options{}, &back); err != nil {
		t.Fatalf("%v\n%s", err, there.Bytes())
	}
	return back.Bytes()
}
