package harness

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/shrink"
	"groupy/harness/verdict"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// TestWriteTheMutants finds each mutant anew and writes what TestEveryMutantFalls
// holds true: the smallest plan that shows it (testdata/mutants) and its row in
// docs/mutants.md, with today's date. It takes some minutes; GROUPY_ZOO_MUTANTS names
// some mutants alone, and the others keep what they have.
//
//	GROUPY_LONG=1 GROUPY_MUTANTS=write go test ./harness -run '^TestWriteTheMutants$' -v -timeout 0
func TestWriteTheMutants(t *testing.T) {
	if os.Getenv("GROUPY_LONG") == "" || os.Getenv("GROUPY_MUTANTS") != "write" {
		t.Skip("rewrites the table of docs/mutants.md: set GROUPY_LONG=1 and GROUPY_MUTANTS=write")
	}
	page := readMutantPage(t)
	for _, m := range protocols.Mutants {
		if only := os.Getenv("GROUPY_ZOO_MUTANTS"); only != "" && !slices.Contains(strings.Split(only, ","), m.Name) {
			continue
		}
		runs, found := quarry(t, m)
		if found == nil {
			t.Errorf("%s %s: no plan breaks %s", m.Protocol, m.Name, m.Falls)
			continue
		}
		p := smallest(t, m, found)
		if err := os.WriteFile(mutantPlan(m), p.Encode(), 0o644); err != nil {
			t.Fatal(err)
		}
		row := mutantRow{m.Protocol, m.Name, m.Falls, runs, surest(t, m, p), time.Now().UTC().Format(time.DateOnly)}
		page.set(row)
		page.Write(t)
		t.Logf("%v %d units of %d", row, shrink.SizeOf(p).Units(), shrink.SizeOf(found).Units())
	}
}

// quarry is the median of the runs that hunts took, as text, and a plan that
// shows the mutant; nil if there is none.
func quarry(t *testing.T, m gms.Mutant) (string, *plan.Plan) {
	t.Helper()
	const hunts, most = 5, 500
	var runs []int
	var found *plan.Plan
	for h := range hunts {
		n, first := 0, 0
		for ; n < most && (first == 0 || found == nil && n < first+50); n++ {
			o := hunting(m, m.Protocol == "gms5", plan.AllExplore(), h, n)
			if fallen, _ := caught(t, o); len(fallen) == 0 {
				continue
			}
			if first == 0 {
				first = n + 1
			}
			if p := mustPlan(t, o); found == nil && shows(t, m, p) {
				found = p
			}
		}
		if first == 0 {
			first = most + 1
		}
		runs = append(runs, first)
	}
	// Crashes between two sends break gms2 by itself.
	for n := 0; n < most && found == nil; n++ {
		if p := mustPlan(t, hunting(m, m.Protocol == "gms5", []string{"uniform"}, 0, n)); shows(t, m, p) {
			found = p
		}
	}
	if _, err := os.Stat(mutantPlan(m)); found == nil && err == nil {
		found = storedPlan(t, mutantPlan(m))
	}
	slices.Sort(runs)
	if median := runs[hunts/2]; median <= most {
		return fmt.Sprint(median), found
	}
	return fmt.Sprint("over ", most), found
}

// showing is the run of a plan that breaks the mutant's property with the mutant
// alone; nil if it does not.
func showing(ctx context.Context, m gms.Mutant, p *plan.Plan) (*run.Trial, error) {
	with, err := run.Try(ctx, p)
	if err != nil || !verdict.Signature(m.Falls).Has(with.Judgement) {
		return nil, err
	}
	without, err := run.Try(ctx, withoutMutant(p, m))
	if err != nil || verdict.Signature(m.Falls).Has(without.Judgement) {
		return nil, err
	}
	return with, nil
}

func shows(t *testing.T, m gms.Mutant, p *plan.Plan) bool {
	t.Helper()
	trial, err := showing(context.Background(), m, p)
	if err != nil {
		t.Fatal(err)
	}
	return trial != nil
}

// smallest shrinks a plan to the smallest that shows the mutant. Unlike what
// groupy shrink keeps, the level without the mutant must keep the property under it.
func smallest(t *testing.T, m gms.Mutant, p *plan.Plan) *plan.Plan {
	t.Helper()
	try := func(ctx context.Context, p *plan.Plan) (*run.Trial, error) { return showing(ctx, m, p) }
	least, err := shrink.Smallest(context.Background(), p, verdict.Signature(m.Falls), try, shrink.ShrinkOptions{})
	if err != nil {
		t.Fatalf("%s %s: %v", m.Protocol, m.Name, err)
	}
	least.Name = m.Protocol + "-" + m.Name
	return least
}

// surest is the world that TestEveryMutantFalls shows the mutant in: real, if a
// number of runs there all do, and lockstep, which gives the same run each time.
func surest(t *testing.T, m gms.Mutant, p *plan.Plan) string {
	t.Helper()
	for range 2 {
		var missed atomic.Bool
		var five sync.WaitGroup
		for range 5 {
			five.Go(func() {
				t.Run("real", func(t *testing.T) {
					if !slices.Contains(fallenIn(t, run.WorldReal, p), m.Falls) {
						missed.Store(true)
					}
				})
			})
		}
		if five.Wait(); missed.Load() {
			return run.WorldLockstep
		}
	}
	return run.WorldReal
}
