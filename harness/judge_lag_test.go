package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// A run folder that says that the machine lagged is judged so by everybody who
// judges it.
func TestJudgeReadsTheLag(t *testing.T) {
	plan := mustPlan(t, plan.Options{Seed: "1", Protocol: "gms2", Nemesis: []string{"kill-mid-multicast"}, TimeLimit: 5 * time.Second})
	trial, err := run.Try(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	folder := store.Folder(t.TempDir())
	for name, data := range map[string][]byte{store.PlanFile: plan.Encode(), store.HistoryFile: trial.History} {
		if err := os.WriteFile(filepath.Join(string(folder), name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const want = checker.Invalid // nobody was wrongly suspected
	for _, lag := range []int64{0, 1_000_000} {
		data, err := json.Marshal(store.Record{World: run.WorldReal, Lag: &verdict.Lag{WorstMicros: lag}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(string(folder), store.RunFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := store.Judge(string(folder), checker.Options{})
		if err != nil || j.Verdict != want {
			t.Errorf("with a lag of %d µs the verdict is %v, want %s (%v)", lag, j.Verdict, want, err)
		}
	}
	// The same deaths, but the history tells that the dead lived.
	lived := strings.ReplaceAll(string(trial.History), `"type":"stop"`, `"type":"other"`)
	if err := os.WriteFile(filepath.Join(string(folder), store.HistoryFile), []byte(lived), 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := store.Judge(string(folder), checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if j.Verdict != checker.Unknown || !strings.Contains(string(j.Encode()), verdict.ReasonLag) {
		t.Errorf("the verdict is %s with %v", j.Verdict, j.Unknown)
	}
}
