package harness

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// crashing is a short plan in which a core panics at its own invariant.
func crashing(t *testing.T) *plan.Plan {
	t.Helper()
	return asShipped(storedPlan(t, "testdata/mutants/gms5-no-fence.json"))
}

// A panic of the simulated core is what it is of the same core in a process: the
// histories are the same, byte for byte, and the log of each has the stack.
func TestAPanicIsToldTheSameInSimAndLockstep(t *testing.T) {
	p := crashing(t)
	simulated := inSim(t, p)
	job := runtest.JobFor(t, p)
	job.World = run.WorldLockstep
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	path, err := result.Folder.History()
	if err != nil {
		t.Fatal(err)
	}
	real, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := replay.Compare(bytes.NewReader(simulated), bytes.NewReader(real)); d != nil || err != nil {
		t.Errorf("sim and lockstep: %v, %v", d, err)
	}
	unasked := result.Judgement.Properties["no-unasked-end"]
	if unasked.Verdict != checker.Invalid || !unasked.Promised || !strings.Contains(unasked.Explanation, "exits by itself with code 70: panic: gms5 invariant I") {
		t.Fatalf("%s: %s", unasked.Verdict, unasked.Explanation)
	}
	if s := verdict.SignatureOf(result.Judgement); !strings.HasPrefix(string(s), "no-unasked-end: exit 70: panic: gms5 invariant I") || strings.Contains(string(s), "n1") {
		t.Errorf("the signature is %s", s)
	}
	end := result.Judgement.Story.Ends[0]
	log, err := os.ReadFile(filepath.Join(result.Folder.Path(store.LogFolder), end.Member+".log"))
	if err != nil || !bytes.Contains(log, []byte(end.Cause)) || !bytes.Contains(log, []byte("goroutine ")) {
		t.Errorf("the log of %s has no panic, or no stack: %v", end.Member, err)
	}
}
