package harness

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/shrink"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// TestShrinkEveryMutant is the table of shrinking: for each mutant that is caught
// soon, units before and after, seconds and candidates. Every result fails in
// lockstep with the history of sim.
//
//	GROUPY_LONG=1 go test ./harness -run '^TestShrinkEveryMutant$' -v -timeout 0
func TestShrinkEveryMutant(t *testing.T) {
	if os.Getenv("GROUPY_LONG") == "" {
		t.Skip("minutes of search: set GROUPY_LONG=1")
	}
	var units []int
	var seconds []float64
	for _, m := range protocols.Mutants {
		p, ok := prey(t, m)
		if !ok {
			t.Logf("%s %-16s not caught", m.Protocol, m.Name)
			continue
		}
		r, err := shrink.Shrink(context.Background(), runtest.JobFor(t, p), &replay.Original{Plan: p}, shrink.ShrinkOptions{})
		if err != nil {
			t.Errorf("%s %s: %v", m.Protocol, m.Name, err)
			continue
		}
		again, err := shrink.Smallest(context.Background(), r.Plan, r.Wanted, func(ctx context.Context, p *plan.Plan) (*run.Trial, error) {
			run, err := run.Try(ctx, p)
			if err != nil || !r.Wanted.Has(run.Judgement) {
				return nil, err
			}
			return run, nil
		}, shrink.ShrinkOptions{})
		if err != nil || !bytes.Equal(again.Encode(), r.Plan.Encode()) {
			t.Errorf("%s %s: shrinking what is shrunk changes it (%v)", m.Protocol, m.Name, err)
		}
		if !r.Identical {
			t.Errorf("%s %s: lockstep gave another history than sim", m.Protocol, m.Name)
		}
		units, seconds = append(units, r.After.Units()), append(seconds, r.Took.Seconds())
		t.Logf("%s %-16s %-18s units %3d -> %2d, nodes %d -> %d, %4d candidates, %.1f s\n%s", m.Protocol, m.Name, r.Wanted,
			r.Before.Units(), r.After.Units(), r.Before.Nodes, r.After.Nodes, r.Tried, r.Took.Seconds(), strings.Join(r.Story, "\n"))
	}
	slices.Sort(units)
	slices.Sort(seconds)
	if len(units) < 20 {
		t.Fatalf("only %d mutants were caught", len(units))
	}
	t.Logf("%d runs; units left: median %d, most %d; seconds: median %.1f, most %.1f",
		len(units), units[len(units)/2], units[len(units)-1], seconds[len(seconds)/2], seconds[len(seconds)-1])
	if units[len(units)/2] > 5 {
		t.Errorf("the median is %d units, 5 are aimed for", units[len(units)/2])
	}
}

// prey is a plan that catches the mutant, if it takes few runs to find one.
func prey(t *testing.T, m gms.Mutant) (*plan.Plan, bool) {
	ways := [][]string{nil, {"pauses"}, {"crash", "regime"}, {"trigger"}, {"pct"}}
	for n := range 300 {
		o := hunting(m, true, ways[n%len(ways)], 99, n)
		o.TimeLimit, o.Rate = 10*time.Second, 40
		if fallen, _ := caught(t, o); len(fallen) > 0 {
			return mustPlan(t, o), true
		}
	}
	return nil, false
}
