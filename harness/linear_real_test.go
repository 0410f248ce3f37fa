package harness

import (
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run/runtest"
)

// TestMapOnRealProcesses: the registers on real processes and sockets, with a
// leader killed, are linearizable; with local reads the same run may not be, and
// nothing else breaks.
func TestMapOnRealProcesses(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, local := range []bool{false, true} {
		p := overTheGroup(t, "register", 1, func(o *plan.Options) {
			o.TimeLimit, o.Rate, o.LocalReads = 2*time.Second, 300, local
			o.Nemesis = []string{"kill", "delay"}
			o.Timeout, o.Heartbeat = 500*time.Millisecond, 50*time.Millisecond
		})
		result := runtest.RunPlan(t, p)
		r := result.Judgement.Properties["linearizability"]
		t.Logf("local reads %v: %s, linearizability %s over %d answers: %s", local, result.Judgement.Verdict, r.Verdict, r.Evidence, r.Explanation)
		if r.Evidence == 0 || r.Verdict == checker.Unknown || !local && r.Verdict != checker.Valid {
			t.Errorf("local reads %v: linearizability is %s: %v", local, r.Verdict, r.Reason)
		}
		for name, other := range result.Judgement.Properties {
			if other.Promised && other.Verdict == checker.Invalid && name != "linearizability" {
				t.Errorf("local reads %v: %s: %s", local, name, other.Explanation)
			}
		}
	}
}
