package replay

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run/runtest"
	"groupy/harness/store"
	"groupy/node"
)

// recordedPlan is a short run under kill and pause; what it does, and to which
// protocol, hangs on i.
func recordedPlan(t testing.TB, i int) *plan.Plan {
	t.Helper()
	protocols := []string{"gms3", "gms5", "gms2", "gms4"}
	plan, err := plan.NewPlan(plan.Options{
		Name: "recorded", Seed: "recorded-" + strconv.Itoa(i), Nodes: 3 + i%3, Protocol: protocols[i%len(protocols)],
		Nemesis: []string{"kill", "pause"}, Rate: 100, TimeLimit: time.Second,
		Heartbeat: 20 * time.Millisecond, Timeout: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	// What a split group cannot do any more need not be waited for long.
	plan.Limits.RecoverMicros, plan.Limits.ProbeMicros, plan.Limits.CallMicros = 1e6, 300e3, 500e3
	return plan
}

// recordedRuns is how many runs the tests make; GROUPY_RECORDED_RUNS asks for
// more than usual.
func recordedRuns(t testing.TB, usual int) int {
	text := os.Getenv("GROUPY_RECORDED_RUNS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("GROUPY_RECORDED_RUNS: %v", err)
	}
	return n
}

func TestRecordedRunsAreRebuiltExactly(t *testing.T) {
	var begun, frames, unseen int
	for i := range recordedRuns(t, 10) {
		result := runtest.RunPlan(t, recordedPlan(t, i))
		r, err := ReplayRecorded(string(result.Folder))
		if err != nil {
			t.Fatal(err)
		}
		if r.Parted != "" {
			t.Errorf("run %d (%s): %s", i, result.Folder, r.Parted)
		}
		if r.Processes < len(recordedPlan(t, i).Nodes) || r.Events < 100 {
			t.Errorf("run %d: only %d processes and %d events were rebuilt", i, r.Processes, r.Events)
		}
		text, err := os.ReadFile(result.Folder.Path(store.HistoryFile))
		if err != nil {
			t.Fatal(err)
		}
		begun += strings.Count(string(text), `"phase":"begin"`)
		frames, unseen = frames+r.Frames, unseen+r.Unseen
	}
	if begun == 0 {
		t.Error("no kill and no pause took hold: nothing was shown")
	}
	t.Logf("%d steps rebuilt, %d faults, %d lines of killed processes never seen", frames, begun, unseen)
}

func TestARebuiltRunTellsWhatWasChanged(t *testing.T) {
	result := runtest.RunPlan(t, recordedPlan(t, 0))
	folder := string(result.Folder)
	file, plan := result.Folder.Path(store.HistoryFile), result.Folder.Path(store.PlanFile)
	member := shutDown(t, file)
	name, _ := node.SplitMember(member)
	recording := filepath.Join(folder, store.DataFolder, name, member+".rec")
	for what, change := range map[string]struct {
		file, from, to string
		want           string // of the difference, or of the error
	}{
		"a delivery in the history":   {file, `"type":"deliver"`, `"type":"deliveR"`, "the history's line"},
		"the protocol in a recording": {recording, "gms3", "gms2", recording + ": frame at offset 0"},
		"a message of the plan":       {plan, `"b1"`, `"x1"`, "it was given"},
	} {
		whole, err := os.ReadFile(change.file)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(whole, []byte(change.from), []byte(change.to), 1)
		if bytes.Equal(whole, changed) {
			t.Fatalf("%s: nothing to change", what)
		}
		if err := os.WriteFile(change.file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := ReplayRecorded(folder)
		said := fmt.Sprint(err)
		if err == nil {
			said = r.Parted
		}
		if !strings.Contains(said, change.want) {
			t.Errorf("%s: %q, want %q", what, said, change.want)
		}
		if err := os.WriteFile(change.file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := ReplayRecorded(folder); err != nil || r.Parted != "" {
		t.Errorf("unchanged: %v %+v", err, r)
	}
	whole, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recording, whole[:len(whole)-3], 0o600); err != nil { // torn, but it exited by itself
		t.Fatal(err)
	}
	if r, err := ReplayRecorded(folder); err != nil || !strings.Contains(r.Parted, "heard to say more") {
		t.Errorf("without the last step: %v %+v", err, r)
	}
}

// shutDown is a member that ended by itself, so that all it said was heard.
func shutDown(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range runtest.EventsOf(t, text) {
		if e.Type == history.Stop && e.How == history.StopShutdown {
			return e.Member
		}
	}
	t.Fatal("nobody was shut down")
	return ""
}
