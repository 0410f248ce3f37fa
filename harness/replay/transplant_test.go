package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// brokenPlan is a short real run that is likely to break a promise; what breaks it,
// and of which protocol, hangs on i.
func brokenPlan(t testing.TB, i int) *plan.Plan {
	t.Helper()
	kinds := []struct {
		protocol, mutant string
		nemesis          []string
	}{
		{"gms2", "", []string{"kill-mid-multicast"}},
		{"gms3", "", []string{"pause", "kill"}},
		{"gms5", "no-quorum", []string{"partition-random-halves"}},
		{"gms2", "", []string{"partition-random-halves", "kill"}},
		{"gms3", "", []string{"isolate-leader", "restart"}},
		{"gms2", "", []string{"drop", "pause"}},
		{"gms3", "", []string{"kill-mid-multicast", "isolate-one", "delay"}},
		{"gms3", "no-advance", []string{"kill"}},
		{"gms4", "nack-once", []string{"drop"}},
		{"gms4", "deliver-twice", []string{"drop"}},
		{"gms5", "no-dedupe", []string{"kill", "drop"}},
		{"gms5", "early-delivery", []string{"kill", "isolate-leader"}},
	}
	k := kinds[i%len(kinds)]
	plan, err := plan.NewPlan(plan.Options{
		Name: "failing", Seed: "failing-" + strconv.Itoa(i), Nodes: 3 + i%3, Protocol: k.protocol, Mutant: k.mutant,
		Nemesis: k.nemesis, Rate: 150, TimeLimit: 2 * time.Second,
		Heartbeat: 20 * time.Millisecond, Timeout: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	plan.Limits.RecoverMicros, plan.Limits.ProbeMicros, plan.Limits.CallMicros = 1e6, 500e3, 500e3
	return plan
}

// TestTransplantedFailuresKeepTheirVerdict takes failing runs to the simulated
// world. Nearly all keep their verdict there: one in twenty may not, and one more.
func TestTransplantedFailuresKeepTheirVerdict(t *testing.T) {
	wanted, kept, failed := recordedRuns(t, 3), 0, 0
	for i := 0; failed < wanted && i < 5*wanted; i++ {
		result := runtest.RunPlan(t, brokenPlan(t, i))
		signature := verdict.SignatureOf(result.Judgement)
		if signature == "" {
			t.Logf("run %d fails nothing: %s", i, result.Judgement.Verdict)
			continue
		}
		failed++
		p, err := Transplant(string(result.Folder))
		if err != nil {
			t.Fatal(err)
		}
		trial, err := run.Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if signature.Has(trial.Judgement) {
			kept++
		}
		same := sameDeliveries(t, result, trial)
		t.Logf("run %d (%s, %v): %s was violated; in sim %s; %s", i, p.Protocol, names(p), signature, verdict.SignatureOf(trial.Judgement), same)
		if again, err := run.Try(context.Background(), p); err != nil || !bytes.Equal(again.History, trial.History) {
			t.Errorf("run %d: a second run in sim has another history (%v)", i, err)
		}
		if i == 0 {
			sameInLockstep(t, p, trial)
		}
		if read, err := plan.ReadPlan(bytes.NewReader(p.Encode())); err != nil || !bytes.Equal(read.Encode(), p.Encode()) {
			t.Errorf("run %d: the plan is not read as it is written: %v", i, err)
		}
	}
	t.Logf("%d of %d failing runs kept their verdict", kept, failed)
	if failed < wanted || float64(kept) < 0.95*float64(failed)-1 {
		t.Errorf("of %d runs wanted %d failed, and %d kept their verdict", wanted, failed, kept)
	}
}

// sameInLockstep sees to it that real processes follow what was observed as the
// simulated ones do.
func sameInLockstep(t testing.TB, plan *plan.Plan, sim *run.Trial) {
	t.Helper()
	job := runtest.JobFor(t, plan)
	job.World = run.WorldLockstep
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(result.Folder.Path(store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Compare(bytes.NewReader(sim.History), bytes.NewReader(text)); err != nil || d != nil {
		t.Errorf("sim and lockstep part: %v, %v", d, err)
	}
}

func names(p *plan.Plan) (all []string) {
	for _, s := range p.Faults {
		all = append(all, s.Fault)
	}
	return all
}

// sameDeliveries says how much of what the real members delivered the simulated
// ones delivered in the same order: how near the two runs are.
func sameDeliveries(t testing.TB, real *run.Result, sim *run.Trial) string {
	t.Helper()
	was, is := deliveries(t, verdict.FromFile(real.Folder.Path(store.HistoryFile))), deliveries(t, verdict.FromMemory(sim.History))
	same, all := 0, 0
	for member, msgs := range was {
		all += len(msgs)
		for i := 0; i < len(msgs) && i < len(is[member]) && msgs[i] == is[member][i]; i++ {
			same++
		}
	}
	return fmt.Sprintf("%d of %d deliveries alike, %d in sim", same, all, sim.Judgement.Stats.Deliveries)
}

func deliveries(t testing.TB, open verdict.Source) map[string][]string {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := map[string][]string{}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == history.Deliver {
			all[e.Member] = append(all[e.Member], e.Msg)
		}
	}
}
