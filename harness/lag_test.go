package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groupy/checker"
)

func TestLagMeterMeasuresWhileItIsAsked(t *testing.T) {
	m := NewLagMeter(time.Now)
	first, second := m.Begin(), m.Begin()
	for fired := false; !fired; { // its own timers
		m.mu.Lock()
		for l := range m.open {
			fired = l.Timers > 0
		}
		m.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	m.fired(7 * time.Second) // as if it had been held up
	one := first()
	m.fired(9 * time.Second)
	two := second()
	if one.WorstMicros != 7_000_000 || two.WorstMicros != 9_000_000 || one.Late < 1 || two.Late <= one.Late {
		t.Errorf("measured %+v and %+v", one, two)
	}
	if m.quiet != nil || len(m.open) != 0 {
		t.Error("it measures on when nobody asks")
	}
}

// A history in which something did not come in time is the node's fault on a
// machine that kept pace, and unknown on one that did not.
func TestLagExcusesWhatTheMachineMayHaveDone(t *testing.T) {
	sensitive, blamed := 0, 0
	for _, level := range []string{"gms1", "gms4", "gms5"} {
		for _, property := range checker.Properties {
			for _, leftOut := range []bool{false, true} {
				j := &Judgement{leftOut: leftOut, Report: checker.Report{Verdict: checker.Invalid, Properties: map[string]checker.Result{
					property.Name: {Verdict: checker.Invalid, Promised: true},
				}}}
				p := &Plan{Protocol: level, Limits: limitsFor(1e6, 250_000, 1e6)}
				j.excuse(p, &Lag{WorstMicros: 124_999})
				if j.Verdict != checker.Invalid || len(j.Unknown) > 0 {
					t.Fatalf("%s of %s is excused by a lag that the detector bears", property.Name, level)
				}
				j.excuse(p, &Lag{WorstMicros: 125_000})
				want := checker.Invalid
				if property.Kind == checker.Liveness || level == "gms4" && leftOut {
					want, sensitive = checker.Unknown, sensitive+1
				} else {
					blamed++
				}
				if j.Verdict != want || (len(j.Unknown) > 0) != (want == checker.Unknown) {
					t.Errorf("%s of %s, somebody left out %v: %s, want %s", property.Name, level, leftOut, j.Verdict, want)
				}
				if want == checker.Unknown && SignatureOf(j) != "" {
					t.Errorf("%s of %s has a signature though it is unknown", property.Name, level)
				}
			}
		}
	}
	if sensitive == 0 || blamed == 0 {
		t.Errorf("%d excused, %d not: the test shows nothing", sensitive, blamed)
	}
}

// A run folder that says that the machine lagged is judged so by everybody who
// judges it.
func TestJudgeReadsTheLag(t *testing.T) {
	plan := mustPlan(t, Options{Seed: "1", Protocol: "gms2", Nemesis: []string{"kill-mid-multicast"}, TimeLimit: 5 * time.Second})
	trial, err := Try(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	folder := Folder(t.TempDir())
	for name, data := range map[string][]byte{PlanFile: plan.Encode(), HistoryFile: trial.History} {
		if err := os.WriteFile(filepath.Join(string(folder), name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const want = checker.Invalid // nobody was wrongly suspected
	for _, lag := range []int64{0, 1_000_000} {
		data, err := json.Marshal(Record{World: WorldReal, Lag: &Lag{WorstMicros: lag}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(string(folder), RunFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := Judge(string(folder), checker.Options{})
		if err != nil || j.Verdict != want {
			t.Errorf("with a lag of %d µs the verdict is %v, want %s (%v)", lag, j.Verdict, want, err)
		}
	}
	// The same deaths, but the history tells that the dead lived.
	lived := strings.ReplaceAll(string(trial.History), `"type":"stop"`, `"type":"other"`)
	if err := os.WriteFile(filepath.Join(string(folder), HistoryFile), []byte(lived), 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := Judge(string(folder), checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if j.Verdict != checker.Unknown || !strings.Contains(string(j.Encode()), ReasonLag) {
		t.Errorf("the verdict is %s with %v", j.Verdict, j.Unknown)
	}
}
