package shrink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// What decides whether a candidate fails, by world. The virtual worlds need one
// run for it; the real one needs a test that allows for chance.

// once is the attempt of a world in which a plan runs always the same.
func once(attempt func(context.Context, *plan.Plan) (*run.Trial, error), fails func(*verdict.Judgement) bool) attempt {
	return func(ctx context.Context, p *plan.Plan) (*run.Trial, error) {
		t, err := attempt(ctx, p)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || !fails(t.Judgement) {
			return nil, nil // a plan that cannot be run does not fail the same way
		}
		return t, nil
	}
}

// trial runs a plan with processes, in a store that is gone afterwards.
func trial(ctx context.Context, j run.Job, p *plan.Plan) (t *run.Trial, err error) {
	dir, err := os.MkdirTemp("", "groupy-shrink-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	j.Plan, j.Store, j.Status, j.Log = p, dir, nil, hclog.NewNullLogger()
	result, err := j.Execute(ctx)
	if err != nil {
		return nil, err
	}
	return result.Trial()
}

// trialsIn gives what runs a plan in a world.
func trialsIn(j run.Job, where string) func(context.Context, *plan.Plan) (*run.Trial, error) {
	if where == run.WorldSim {
		return run.Try
	}
	j.World = where
	return func(ctx context.Context, p *plan.Plan) (*run.Trial, error) { return trial(ctx, j, p) }
}

// otherSeeds is under how many other seeds a plan is tried in sim, if its own
// shows nothing there.
const otherSeeds = 20

// seeded looks for a seed under which a plan fails in sim, its own first: what
// was seen in the real world may need another of the many orders in which
// messages arrive.
func (s *search) seeded(p *plan.Plan) bool {
	return s.first(1+otherSeeds, func(i int) *plan.Plan {
		q := p.Clone()
		q.Observed = nil
		if i > 0 {
			q.Seed += "." + strconv.Itoa(i)
		}
		return q
	}) >= 0
}

// rateTries is how many runs measure a rate of failure in the real world.
const rateTries = 10

// chancy is the attempt of the real world, where a plan fails at a rate: the
// sequential test decides.
func chancy(j run.Job, test sprt, wanted verdict.Signature) attempt {
	attempt := trialsIn(j, run.WorldReal)
	return func(ctx context.Context, p *plan.Plan) (*run.Trial, error) {
		var shown *run.Trial
		fails, err := test.decide(func() (bool, error) {
			t, err := attempt(ctx, p)
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if err != nil || !wanted.Has(t.Judgement) {
				return false, nil
			}
			shown = t
			return true, nil
		})
		if err != nil || !fails {
			return nil, err
		}
		return shown, nil
	}
}

// rate runs a plan in the real world some times: in how many it failed, and one
// of these runs.
func rate(ctx context.Context, j run.Job, p *plan.Plan, wanted verdict.Signature) (k int, shown *run.Trial, err error) {
	run := trialsIn(j, run.WorldReal)
	for range rateTries {
		t, err := run(ctx, p)
		if err != nil {
			return k, nil, fmt.Errorf("run the plan in the real world: %w", err)
		}
		if wanted.Has(t.Judgement) {
			k, shown = k+1, t
		}
	}
	return k, shown, nil
}
