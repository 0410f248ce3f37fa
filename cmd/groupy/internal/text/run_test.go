package text

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares what is printed with a file, or writes the file with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, rewritten with -update, differs (-want +got):\n%s", file, diff)
	}
}

// saved gives the run of testdata/run: gms2 with its leader killed in the middle
// of a multicast.
func saved(t *testing.T) (*plan.Plan, *run.Result) {
	t.Helper()
	folder := store.Folder(filepath.Join("testdata", "run"))
	plan, err := folder.Plan()
	if err != nil {
		t.Fatal(err)
	}
	judgement, err := store.Judge(string(folder), checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result := &run.Result{Folder: "store/latest", Judgement: judgement}
	data, err := os.ReadFile(filepath.Join(string(folder), store.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &result.Record); err != nil {
		t.Fatal(err)
	}
	return plan, result
}

func TestARunInText(t *testing.T) {
	plan, result := saved(t)
	var out bytes.Buffer
	PrintPlan(&out, plan)
	PrintRun(&out, result, Detail{})
	golden(t, "testdata/violation.golden", out.String())

	out.Reset()
	PrintRun(&out, result, Detail{Verbose: true})
	golden(t, "testdata/verbose.golden", out.String())
	out.Reset()
	PrintRun(&out, result, Detail{Quiet: true})
	if want := "verdict: invalid (virtual-synchrony, gap-freedom, fifo-order, agreement, uniform-agreement, no-loss)\nrun:     store/latest\n"; out.String() != want {
		t.Errorf("--quiet prints %q, want %q", out.String(), want)
	}
}

// TestAnUnhappyRunInText has what the saved run has not: faults of every kind,
// skipped and for good, more than are printed, long notes, no recovery.
func TestAnUnhappyRunInText(t *testing.T) {
	_, result := saved(t)
	story := &verdict.Story{Healed: true, Views: 1, Last: "9", Members: []string{"n2.1", "n1.2"}}
	for i := range maxFaults {
		text := `{"target":"n2,n3","node":"","links":null}`
		story.Faults = append(story.Faults, verdict.FaultStory{
			ID: "f", Name: "shutdown", Began: time.Duration(i) * time.Second, Value: json.RawMessage(text), Proof: json.RawMessage(`{"gone":{"n2.1":{},"n3.1":{}}}`),
		})
	}
	story.Faults = append(story.Faults, verdict.FaultStory{Name: "kill", Skipped: "n2 is down"})
	story.Faults[0] = verdict.FaultStory{ID: "f1", Name: "delay", Began: 90 * time.Millisecond, Skipped: "nothing showed that it took hold"}
	result.Record.Outcome = run.Outcome{
		Notes:   []string{"gave up waiting for one view of all live nodes: n1.2 has none; n2.1 is in 6 of n2.1 n4.1 n5.1; n3.2 has none", "n1.1: ended"},
		Skipped: map[string]int{"node is down": 44, "client still waits for its last call": 1},
		Garbled: 2,
	}
	result.Judgement.Verdict, result.Judgement.Unknown = checker.Unknown, []checker.Reason{{Code: "blocked-as-specified", Text: "1 of 3"}}
	var out bytes.Buffer
	printStory(&out, story, maxFaults)
	printNotes(&out, result.Record.Outcome)
	text, _, _ := strings.Cut(out.String(), "properties\n")
	golden(t, "testdata/unhappy.golden", text+because(result.Judgement)+"\n")
}

// TestEvidenceInWords holds the text of what each kind of fault writes.
func TestEvidenceInWords(t *testing.T) {
	for _, c := range []struct{ evidence, words string }{
		{`{"pid":{"n1":31,"n4":7},"state":"T"}`, "state T, pid (n1 31, n4 7)"},
		{`{"resumed":["n1","n4"]}`, "resumed n1 n4"},
		{`{"gone":{"n4.1":{"pid":34},"n5.1":{"pid":36}}}`, "gone: n4.1 (pid 34), n5.1 (pid 36)"},
		{`{"gone":{"n4.1":{}}}`, "gone: n4.1"},
		{`{"gone_and_started":{"n4.2":{"pid":3}}}`, "gone and started: n4.2 (pid 3)"},
		{`{"away_for_good":["n2"]}`, "away for good n2"},
		{`{"started":{"n4.2":{"joined":false,"pid":9}}}`, "started: n4.2 (joined false, pid 9)"},
		{`{"lost":1,"of_links":8,"on_links":2}`, "1 lost on 2 of 8 links"},
		{`{"rules_left":0,"delayed":190,"of_links":20,"on_links":20}`, "190 delayed on 20 of 20 links"},
		{`{}`, ""},
		{`"as it is"`, `"as it is"`},
	} {
		if got := report.EvidenceText(json.RawMessage(c.evidence)); got != c.words {
			t.Errorf("%s is told as %q, want %q", c.evidence, got, c.words)
		}
	}
}

func TestTargetsInWords(t *testing.T) {
	for _, c := range []struct{ value, words string }{
		{`{"links":null,"node":"n1","rule":null,"target":"leader"}`, "leader n1"},
		{`{"links":null,"node":"n1","rule":null,"target":"n1"}`, "n1"},
		{`{"links":null,"node":"","rule":null,"target":"n5,n4"}`, "n5 n4"},
		{`{"links":[["n2","n4"]],"rule":{"delay_ns":40912345}}`, "n2→n4 +40.91ms"},
		{`{"links":[["n2","n1"],["n1","n2"],["n3","n1"],["n1","n3"]]}`, "n1, 4 links"},
		{`{"links":[["n2","n4"],["n4","n2"],["n1","n3"]],"rule":{"drop":0.0321,"jitter_ns":2000000}}`, "3 links 3.21% lost, ±2ms"},
		{`{"links":[["n1","n2"]],"rule":{"duplicate":1,"reorder":0.5,"bytes_per_sec":900}}`, "n1→n2 100% twice, 50% overtaken, 900 B/s"},
		{`null`, ""},
		{`7`, ""},
	} {
		if got := report.TargetText(json.RawMessage(c.value)); got != c.words {
			t.Errorf("%s is told as %q, want %q", c.value, got, c.words)
		}
	}
}
