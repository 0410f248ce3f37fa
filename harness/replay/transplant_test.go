package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"groupy/checker"
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
		{"gms4", "", []string{"isolate-leader", "pause"}},
		{"gms2", "", []string{"kill-mid-multicast", "reorder"}},
		{"gms5", "half-quorum", []string{"partition-random-halves", "kill"}},
		{"gms4", "", []string{"partition-random-halves", "one-way"}},
		{"gms2", "", []string{"one-link", "reset"}},
		{"gms3", "", []string{"duplicate", "reorder", "drop"}},
		{"gms4", "", []string{"join-storm", "partition-minority"}},
		{"gms5", "few-acks", []string{"kill", "isolate-leader"}},
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

// TestTransplantedFailuresAreTheRun takes failing runs to the simulated world. Each is
// the same run there, or it is said where the two part; nearly all are: one in fifty
// may part, and one more. GROUPY_RECORDED_RUNS asks for more than usual.
func TestTransplantedFailuresAreTheRun(t *testing.T) {
	wanted, table := recordedRuns(t, 3), tally{}
	for i := 0; table.runs() < wanted && i < 5*wanted; i++ {
		result := runtest.RunPlan(t, brokenPlan(t, i))
		if verdict.SignatureOf(result.Judgement) == "" {
			t.Logf("run %d fails nothing: %s", i, result.Judgement.Verdict)
			continue
		}
		tr, trial := table.add(t, string(result.Folder))
		if tr == nil {
			t.Fatal("it was recorded, and cannot be transplanted")
		}
		if again, err := run.Try(context.Background(), tr.Plan); err != nil || !bytes.Equal(again.History, trial.History) {
			t.Errorf("run %d: a second run in sim has another history (%v)", i, err)
		}
		if i == 0 {
			sameInLockstep(t, tr.Plan, trial)
		}
		if read, err := plan.ReadPlan(bytes.NewReader(tr.Plan.Encode())); err != nil || !bytes.Equal(read.Encode(), tr.Plan.Encode()) {
			t.Errorf("run %d: the plan is not read as it is written: %v", i, err)
		}
	}
	table.show(t)
	if table.runs() < wanted {
		t.Errorf("of %d runs wanted %d failed", wanted, table.runs())
	}
}

// TestKeptFailuresAreTheRun does the same with the failing real runs of a store, at any
// depth, that GROUPY_TRANSPLANTS names; they must be recordings of this build's nodes.
func TestKeptFailuresAreTheRun(t *testing.T) {
	root := os.Getenv("GROUPY_TRANSPLANTS")
	if root == "" {
		t.Skip("GROUPY_TRANSPLANTS names no store of real runs")
	}
	folders, err := FailingRuns(root)
	if err != nil {
		t.Fatal(err)
	}
	table := tally{}
	for _, folder := range folders {
		table.add(t, folder)
	}
	table.show(t)
}

// tally counts transplanted failing runs by what became of them.
type tally struct{ same, kept, parted, unsaid, refused int }

func (c *tally) runs() int { return c.same + c.kept + c.parted + c.unsaid }

// add transplants a failing real run and runs it in sim. Whether signature and witness
// were kept is told without Parting, from the two histories' lines.
func (c *tally) add(t *testing.T, folder string) (*Transplanted, *run.Trial) {
	t.Helper()
	tr, err := Bring(folder, checker.Options{})
	if err != nil {
		t.Logf("%s: %v", folder, err)
		c.refused++
		return nil, nil
	}
	trial, err := run.Try(context.Background(), tr.Plan)
	if err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	sim := verdict.FromMemory(trial.History)
	parting, err := tr.Parting(trial.Judgement, sim)
	if err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	was, is := witness(t, tr.Was, tr.real), witness(t, trial.Judgement, sim)
	kept := slices.Equal(was, is)
	t.Logf("%s (%s, %v): %s", folder, tr.Plan.Protocol, names(tr.Plan), verdict.SignatureOf(tr.Was))
	switch {
	case parting == nil && !kept:
		c.unsaid++
		t.Errorf("%s: not the same failure, and nothing is said\n%s\n%s", folder, strings.Join(was, "\n"), strings.Join(is, "\n"))
	case parting == nil:
		c.same++
	case kept:
		c.kept++
		t.Logf("parted, but kept both: %s", parting)
	default:
		c.parted++
		t.Logf("parted: %s", parting)
	}
	if parting != nil && parting.Kept != kept {
		t.Errorf("%s: both kept: %v; the parting says %v", folder, kept, parting.Kept)
	}
	return tr, trial
}

func (c *tally) show(t *testing.T) {
	t.Logf("%d failing real runs: %d the same run in sim, %d parted and kept signature and witness, %d parted and said so, %d parted unsaid; %d others cannot be transplanted",
		c.runs(), c.same, c.kept, c.parted, c.unsaid, c.refused)
	if c.parted > 1+c.runs()/50 {
		t.Errorf("%d of %d parted", c.parted, c.runs())
	}
}

// notAlike are the parts of a line that two runs need not have in common.
var notAlike = regexp.MustCompile(`,?("(index|time|pid)":[0-9]+|"process":"c[0-9]+"|"evidence":.*)`)

// witness is the signature of a judged history and the lines that show it.
func witness(t *testing.T, j *verdict.Judgement, open verdict.Source) (lines []string) {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	signature := verdict.SignatureOf(j)
	by := map[int64]string{}
	for e, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		by[e.Index] = notAlike.ReplaceAllString(string(line), "")
	}
	lines = append(lines, string(signature))
	for _, w := range j.Properties[string(signature)].Witness {
		lines = append(lines, by[w.Index])
	}
	return lines
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
