package verdict

import (
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
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
				p := &plan.Plan{Protocol: level, Limits: plan.Limits{SettleMicros: 125_000}}
				j.excuse(p, &Lag{WorstMicros: 124_999})
				if j.Verdict != checker.Invalid || len(j.Unknown) > 0 {
					t.Fatalf("%s of %s is excused by a lag that the detector bears", property.Name, level)
				}
				j.excuse(p, &Lag{WorstMicros: 125_000})
				want := checker.Invalid
				if property.Name == "no-unasked-end" {
					blamed++
				} else if property.Kind == checker.Liveness || level == "gms4" && leftOut {
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
