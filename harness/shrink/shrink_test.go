package shrink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/store"
	"groupy/harness/system"
	"groupy/harness/verdict"
	"groupy/harness/why"
	"groupy/nemesis"
	"groupy/node/draw"
)

// searchFor is a search in sim that begins with the plan.
func searchFor(t testing.TB, p *plan.Plan, workers int) *search {
	t.Helper()
	s, err := newSearch(context.Background(), &replay.Original{Plan: p}, ShrinkOptions{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	if err := start((run.Job{}), s, &replay.Original{Plan: p}, &Shrunk{}); err != nil {
		t.Fatal(err)
	}
	return s
}

var shrinkable = []plan.Options{
	{Protocol: "gms2", Nemesis: []string{"kill-mid-multicast", "pause", "delay", "kill"}, TimeLimit: 5 * time.Second},
	{Protocol: "gms3", Nemesis: []string{"pause"}, TimeLimit: 10 * time.Second},
	{Protocol: "gms4", Nemesis: []string{"partition-halves", "kill"}, TimeLimit: 5 * time.Second},
	{Protocol: "gms5", Mutant: "no-quorum", Nemesis: []string{"all"}, TimeLimit: 10 * time.Second},
	{Protocol: "gms5", Mutant: "no-dedupe", Nemesis: []string{"all"}, TimeLimit: 5 * time.Second},
	{Protocol: "gms5", Mutant: "early-delivery", Nemesis: []string{"all"}, TimeLimit: 5 * time.Second},
}

// What is left is small, fails the same way in sim and on real processes in
// lockstep with the same history, and shrinks no further.
func TestShrunkPlanFailsTheSameWay(t *testing.T) {
	for _, o := range shrinkable {
		t.Run(o.Protocol+o.Mutant, func(t *testing.T) {
			p, wanted := runtest.Failing(t, o)
			before := p.Encode()
			job := runtest.JobFor(t, p)
			r, err := Shrink(context.Background(), job, &replay.Original{Plan: p}, ShrinkOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, p.Encode()) {
				t.Error("the original's plan was changed")
			}
			if r.Wanted != wanted || verdict.SignatureOf(r.Run.Judgement) != wanted || !r.Identical || r.World != run.WorldSim {
				t.Errorf("%s became %s, %s in lockstep, the same history: %v", wanted, r.Wanted, r.Run.Judgement.Verdict, r.Identical)
			}
			if r.After.Units() > 8 || r.Before.Units() < 50 || len(r.Story) < 3 || len(r.Story) > why.StoryLines {
				t.Errorf("%+v became %+v in %d candidates\n%s", r.Before, r.After, r.Tried, strings.Join(r.Story, "\n"))
			}
			kept, err := r.Run.Folder.Plan()
			if err != nil || !bytes.Equal(kept.Encode(), r.Plan.Encode()) {
				t.Errorf("the folder's plan is another: %v", err)
			}
			again := searchFor(t, kept, 2)
			if err := again.run(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(kept.Encode()), string(again.plan.Encode())); d != "" {
				t.Errorf("shrinking what is shrunk changes it: %s", d)
			}
		})
	}
}

// The result and the count of candidates hang on the plan alone.
func TestShrinkingDoesNotDependOnWorkers(t *testing.T) {
	p, _ := runtest.Failing(t, shrinkable[0])
	var plans [][]byte
	var tried []int
	for _, workers := range []int{1, 3} {
		s := searchFor(t, p, workers)
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		plans, tried = append(plans, s.plan.Encode()), append(tried, s.tried)
	}
	if d := cmp.Diff(string(plans[0]), string(plans[1])); d != "" || tried[0] != tried[1] {
		t.Errorf("%d candidates one at a time, %d three at a time: %s", tried[0], tried[1], d)
	}
}

func TestNothingToShrink(t *testing.T) {
	p, err := plan.NewPlan(plan.Options{Seed: "calm", Nodes: 3, Nemesis: []string{}, TimeLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	job := runtest.JobFor(t, p)
	if _, err := Shrink(context.Background(), job, &replay.Original{Plan: p}, ShrinkOptions{}); !errors.Is(err, ErrSound) {
		t.Errorf("a plan that does not fail: %v", err)
	}
	job.World = run.WorldSim
	run, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	original, err := replay.OpenOriginal(string(run.Folder))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Shrink(context.Background(), job, original, ShrinkOptions{}); !errors.Is(err, ErrSound) || !strings.Contains(err.Error(), "verdict is") {
		t.Errorf("a run that does not fail: %v", err)
	}
}

// What a real run violated first stays what is looked for, even if its plan violates
// that and something worse before it in sim, where nobody saw it in the real one.
func TestWhatTheRealRunViolatedIsWanted(t *testing.T) {
	seen := map[verdict.Signature]*run.Trial{}
	var worse *plan.Plan
	var real *run.Trial
	for i := 0; worse == nil && i < 200; i++ {
		p, err := plan.NewPlan(plan.Options{
			Seed: fmt.Sprintf("worse-%d", i), Protocol: "gms2", Nodes: 3, Nemesis: []string{"kill-mid-multicast", "drop"}, TimeLimit: 3 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		trial, err := run.Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		all := verdict.Signatures(trial.Judgement)
		if len(all) == 0 {
			continue
		}
		seen[all[0]] = trial
		for _, first := range all[1:] {
			if seen[first] != nil {
				worse, real = p, seen[first]
			}
		}
	}
	if worse == nil {
		t.Fatal("no seed violates first what another violates behind something else")
	}
	folder := store.Folder(t.TempDir())
	err := errors.Join(
		folder.Write(store.PlanFile, worse.Encode()), folder.Write(store.HistoryFile, real.History),
		folder.WriteJSON(store.RunFile, store.Record{World: run.WorldReal}),
	)
	if err != nil {
		t.Fatal(err)
	}
	original, err := replay.OpenOriginal(string(folder))
	if err != nil {
		t.Fatal(err)
	}
	wanted := verdict.SignatureOf(real.Judgement)
	s, err := newSearch(context.Background(), original, ShrinkOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var shrunk Shrunk
	err = start(run.Job{World: run.WorldSim}, s, original, &shrunk)
	if shrunk.Bare == "" || shrunk.Transplanted {
		t.Errorf("it was not recorded, and is taken for transplanted: %+v", shrunk)
	}
	switch {
	case errors.Is(err, ErrSound) && strings.Contains(err.Error(), string(wanted)) && strings.Contains(err.Error(), "no node has recorded"):
	case err == nil && s.wanted == wanted && verdict.SignatureOf(s.trial.Judgement) == wanted && shrunk.Seed != "":
	default:
		t.Errorf("%s was violated first; wanted is %s (%v)", wanted, s.wanted, err)
	}
}

// A search that runs out of its budget gives what it has; one that is stopped
// from outside gives nothing.
func TestShrinkingStops(t *testing.T) {
	p, _ := runtest.Failing(t, shrinkable[0])
	s := searchFor(t, p, 1)
	ctx, stop := context.WithCancel(context.Background())
	s.ctx = ctx
	s.show = func(status ShrinkStatus) {
		if status.Tried >= 5 {
			stop()
		}
	}
	if err := s.run(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if s.tried > 7 {
		t.Errorf("%d candidates after the stop at 5", s.tried)
	}
	if _, err := run.Try(context.Background(), s.plan); err != nil {
		t.Errorf("what is left cannot be run: %v", err)
	}
}

// Every way to take something out of a plan, or to make it plainer, gives another
// valid plan, and leaves the one that it comes from alone.
func TestCandidatesAreValidPlans(t *testing.T) {
	for i := range 60 {
		o := assorted(i)
		o.TimeLimit, o.Rate = 2*time.Second, 5
		p, err := plan.NewPlan(o)
		if err != nil {
			t.Fatal(err)
		}
		before := string(p.Encode())
		var plans []*plan.Plan
		for _, name := range p.Nodes {
			q := withoutNode(p, name)
			if q != nil && strings.Contains(string(q.Encode()), `"`+name+`"`) {
				t.Errorf("seed %d: %s is still named", i, name)
			}
			plans = append(plans, q)
		}
		for _, simplify := range simplifications {
			plans = append(plans, simplify(p)...)
		}
		sparse := withoutNode(withFaults(withOps(p, everyOther(SizeOf(p).Operations)), everyOther(len(p.Faults))), p.Nodes[0])
		for _, rename := range renamings {
			q := rename(sparse)
			if q != nil && rename(q) != nil {
				t.Errorf("seed %d: names in order are put in order again", i)
			}
			plans = append(plans, q)
		}
		for _, part := range []int64{2, 4, 8} {
			plans = append(plans, until(p, p.Limits.MainMicros/part))
		}
		for _, q := range plans {
			if q == nil {
				continue
			}
			if err := q.Validate(); err != nil {
				t.Fatalf("seed %d: %v\n%s", i, err, q.Encode())
			}
			if string(q.Encode()) == before {
				t.Fatalf("seed %d: a candidate is the plan itself", i)
			}
		}
		if string(p.Encode()) != before {
			t.Fatalf("seed %d: the plan was changed", i)
		}
	}
}

func everyOther(n int) (numbers []int) {
	for i := 0; i < n; i += 2 {
		numbers = append(numbers, i)
	}
	return numbers
}

// Without a node the rounds of the bootstrap still meet the joins of the others,
// and what a fault loses of its targets does not make it act on all.
func TestPlanWithoutANode(t *testing.T) {
	p, err := plan.NewPlan(plan.Options{Seed: "s", Nodes: 4, Nemesis: []string{}, TimeLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	p.Faults = []nemesis.Step{
		{ID: "a", Fault: "drop", Links: [][2]string{{"n1", "n2"}}},
		{ID: "b", Fault: "drop", Links: [][2]string{{"n1", "n2"}, {"n3", "n4"}}},
		{ID: "c", Fault: "kill", Target: "n2,leader"},
		{ID: "d", Fault: "kill", Target: "n2"},
		{ID: "e", Fault: "partition-halves", Groups: [][]string{{"n2"}, {"n1", "n3"}}},
		{ID: "f", Fault: "partition-halves", Groups: [][]string{{"n2", "n4"}, {"n1", "n3"}}},
		{ID: "g", Fault: "kill", Target: "n1", When: &nemesis.When{From: "n1", Frame: "m1", Pass: []string{"n2"}}},
	}
	q := withoutNode(p, "n2")
	want := []nemesis.Step{
		{ID: "b", Fault: "drop", Links: [][2]string{{"n3", "n4"}}},
		{ID: "c", Fault: "kill", Target: "leader"},
		{ID: "f", Fault: "partition-halves", Groups: [][]string{{"n4"}, {"n1", "n3"}}},
	}
	if d := cmp.Diff(want, q.Faults); d != "" {
		t.Error(d)
	}
	for _, op := range q.Bootstrap {
		if round := int(op.AtMicros); slices.Index(q.Nodes, op.Node) > round {
			t.Errorf("in round %d %s is asked, and is not yet in", round, op.Node)
		}
	}
}

// The roles that a trigger gives become nodes: who is anyone first, then the others.
func TestTriggerRolesBecomeNodes(t *testing.T) {
	p, err := plan.NewPlan(plan.Options{Seed: "s", Nodes: 3, Nemesis: []string{}, TimeLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	p.Faults = []nemesis.Step{{
		ID: "a", Fault: "one-way", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}},
		When: &nemesis.When{From: nemesis.Anyone, Frame: nemesis.AnyFrame, Pass: []string{nemesis.Receiver}, Skip: 3},
	}}
	for i, want := range []nemesis.Step{
		{When: &nemesis.When{From: "n2", Skip: 3}, Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}},
		{When: &nemesis.When{From: "n2", Skip: 3}, Groups: [][]string{{"n2"}, {nemesis.Missed}}},
		{When: &nemesis.When{From: "n2", Skip: 3}, Groups: [][]string{{"n2"}, {"n3"}}},
		{When: &nemesis.When{From: "n2", Skip: 0}, Groups: [][]string{{"n2"}, {"n3"}}},
	} {
		plans := plainerSteps(p)
		at := slices.IndexFunc(plans, func(q *plan.Plan) bool {
			s := q.Faults[0]
			return s.When.From == want.When.From && s.When.Skip == want.When.Skip && cmp.Equal(s.Groups, want.Groups)
		})
		if at < 0 {
			t.Fatalf("step %d: no candidate is as wanted", i)
		}
		p = plans[at]
	}
}

// The sequential test errs no more often than it says.
func TestSequentialTestErrs(t *testing.T) {
	const runs = 4000
	for _, rate := range []float64{0.3, 0.6, 1} {
		test := wald(rate)
		for _, c := range []struct {
			of   float64
			says bool
			most float64
		}{{test.low, true, test.falseYes}, {test.high, false, test.falseNo}} {
			wrong, tries := 0, 0
			k := draw.New("sprt").With(fmt.Sprint(rate, c.of))
			for i := range runs {
				n := uint64(0)
				says, err := test.decide(func() (bool, error) {
					n++
					tries++
					return k.At(uint64(i)).At(n).Chance(c.of), nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if says == c.says {
					wrong++
				}
			}
			// Wald's bounds hold up to a factor 1/(1 - the other one), and a sample has noise.
			if share := float64(wrong) / runs; share > 1.3*c.most {
				t.Errorf("of a rate of %.2f it says %v in %.3f of %d runs", c.of, c.says, share, runs)
			}
			if mean := float64(tries) / runs; mean > 8/rate {
				t.Errorf("it takes %.1f tries to decide about a rate of %.2f", mean, c.of)
			}
		}
	}
}

func TestSequentialTestStopsAtAnError(t *testing.T) {
	boom := errors.New("boom")
	if says, err := wald(1).decide(func() (bool, error) { return true, boom }); says || !errors.Is(err, boom) {
		t.Errorf("%v, %v", says, err)
	}
}

// assorted are options that differ in all that a plan can be shrunk in.
func assorted(i int) plan.Options {
	return plan.Options{
		Seed: fmt.Sprint("assorted-", i), Nodes: 3 + i%6, Protocol: system.Levels[i%len(system.Levels)].Name, Rate: 20 + float64(i%50),
		Nemesis:   [][]string{nil, {}, {"all"}, {"kill", "pause"}, {"partition-halves", "drop"}}[i%5],
		TimeLimit: time.Duration(1+i%20) * time.Second,
	}
}
