package shrink

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/harness/why"
)

// ErrSound is the reason why there is nothing to shrink: the run does not fail.
var ErrSound = errors.New("nothing to shrink")

// ShrinkOptions bound a shrinking. The zero value is the usual.
type ShrinkOptions struct {
	// Workers is how many candidates are tried at a time in the virtual worlds; 0:
	// one per core. The result does not depend on it.
	Workers int
	// Budget is the time after which the smallest plan so far is taken; 0: none.
	Budget time.Duration
	Show   func(ShrinkStatus)
}

// Shrunk is what a shrinking came to.
type Shrunk struct {
	Plan          *plan.Plan
	Wanted        verdict.Signature
	Before, After Size
	Tried         int    // candidates
	World         string // that decided on them
	// Transplanted says that a real run was brought to the virtual world. Parting is
	// where what runs there first is not that run, Bare why it could not be brought.
	Transplanted bool
	Parting      *replay.Parting
	Bare         string
	// Seed is set if the original's own seed did not fail in sim and another did.
	Seed string
	// Stopped says that the budget was used up before the search was over.
	Stopped bool
	// Rate is, in the real world, how many of Runs of the smallest plan failed.
	// Test is what decided there.
	Rate, Runs int
	Test       string
	Run        *run.Result // the run of the smallest plan that is kept
	Identical  bool        // that run's history is, byte for byte, that of sim
	Story      []string
	Took       time.Duration
}

// Shrink finds the smallest plan that fails the same way as the original, runs
// it in lockstep, on real processes, and keeps that run with its story. Where the
// job names no world, candidates are tried in sim, those for a foreign program in
// lockstep. A real run is transplanted for that, and what it violated first stays what
// is wanted; a failure that only the real world shows is shrunk there. The error is
// ErrSound, with the reason, if the original does not fail.
func Shrink(ctx context.Context, j run.Job, o *replay.Original, options ShrinkOptions) (*Shrunk, error) {
	began := j.Now()
	bounded := ctx
	if options.Budget > 0 {
		var stop context.CancelFunc
		bounded, stop = context.WithTimeout(ctx, options.Budget)
		defer stop()
	}
	s, err := newSearch(bounded, o, options)
	if err != nil {
		return nil, err
	}
	r := &Shrunk{Before: SizeOf(o.Plan)}
	if err := start(j, s, o, r); err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("the budget of %v was used up before the failure was seen again", options.Budget)
		}
		return nil, err
	}
	r.Wanted = s.wanted
	if err := s.run(); err != nil {
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		r.Stopped = true
	}
	r.Plan, r.After, r.Tried = s.plan, SizeOf(s.plan), s.tried
	if !strings.HasSuffix(r.Plan.Name, "-shrunk") {
		r.Plan.Name += "-shrunk"
	}
	if err := confirm(ctx, j, r); err != nil {
		return r, err
	}
	r.Took = j.Now().Sub(began)
	return r, nil
}

// Smallest shrinks a plan to one from which nothing more can be taken. Try gives a
// candidate's run if it still shows what is wanted, and nil if not; a property that
// the run violates is named by wanted. The plan itself must show it.
func Smallest(ctx context.Context, p *plan.Plan, wanted verdict.Signature, try func(context.Context, *plan.Plan) (*run.Trial, error), options ShrinkOptions) (*plan.Plan, error) {
	s, err := newSearch(ctx, &replay.Original{Plan: p}, options)
	if err != nil {
		return nil, err
	}
	s.wanted, s.try = wanted, try
	if !s.firstOf([]*plan.Plan{p.Clone()}) {
		return nil, errors.Join(s.err, fmt.Errorf("%w: the plan itself does not show it", ErrSound))
	}
	err = s.run()
	return s.plan, err
}

// newSearch is a search for the smallest plan that fails as the original did.
func newSearch(ctx context.Context, o *replay.Original, options ShrinkOptions) (*search, error) {
	model, err := judged(o)
	if err != nil {
		return nil, err
	}
	if options.Workers == 0 {
		options.Workers = runtime.GOMAXPROCS(0)
	}
	return &search{
		ctx: ctx, workers: options.Workers, model: model, failures: verdict.Signatures(model), show: options.Show, known: map[[sha256.Size]byte]bool{},
	}, nil
}

// judged is the judgement of the run that is to be shrunk; nil for a bare plan, whose
// first run shows what fails.
func judged(o *replay.Original) (*verdict.Judgement, error) {
	if o.Folder == "" {
		return nil, nil
	}
	judged, err := store.Judge(string(o.Folder), checker.Options{})
	if err == nil && verdict.SignatureOf(judged) == "" {
		err = fmt.Errorf("%w: the run's verdict is %s", ErrSound, judged.Verdict)
	}
	return judged, err
}

// apart says why a real run is not the one that runs in a virtual world; "" if it is,
// or if there was none.
func (r *Shrunk) apart() string {
	switch {
	case r.Bare != "":
		return "; " + r.Bare
	case r.Parting != nil:
		return "; the transplanted run parts from the real one: " + r.Parting.String()
	}
	return ""
}

// start finds the world in which the original fails, and sets the search off
// with it.
func start(j run.Job, s *search, o *replay.Original, r *Shrunk) error {
	r.World = j.World
	if r.World == "" {
		r.World = run.WorldSim
		if j.Foreign {
			r.World = run.WorldLockstep
		}
	}
	if r.World != run.WorldReal {
		found, err := startVirtual(j, s, o, r)
		if found || err != nil {
			return err
		}
		if j.World != "" || o.Record == nil || o.Record.World != run.WorldReal {
			return fmt.Errorf("%w: the plan does not fail in %s%s%s", ErrSound, r.World, verdict.ByViolating(s.failures[:min(1, len(s.failures))]), r.apart())
		}
		j.Log.Info("the plan does not fail in sim: its candidates run in the real world, which takes long")
		r.World = run.WorldReal
	}
	return startReal(j, s, o, r)
}

// startVirtual runs the original's plan as it is; one of the real world as it was
// transplanted, or else as it was written, in sim also under other seeds.
func startVirtual(j run.Job, s *search, o *replay.Original, r *Shrunk) (bool, error) {
	attempt := trialsIn(j, r.World)
	real := o.Record != nil && o.Record.World == run.WorldReal
	s.try = once(attempt, func(judged *verdict.Judgement) bool {
		switch {
		case s.model == nil:
			return verdict.SignatureOf(judged) != ""
		case real: // what else it violates there never was
			return s.failures[0].Alike(s.model, judged)
		}
		return s.firstIn(judged) != ""
	})
	brought, err := bring(s, j, o, r, attempt)
	if err != nil {
		return false, err
	}
	r.Transplanted = brought != nil && s.firstOf([]*plan.Plan{brought})
	found := r.Transplanted || s.firstOf([]*plan.Plan{o.Plan.Clone()})
	if !found && r.World == run.WorldSim && real && s.seeded(o.Plan) {
		found, r.Seed = true, s.plan.Seed
	}
	if found {
		model := s.trial.Judgement
		if s.failures == nil {
			s.failures = verdict.Signatures(model)
		}
		s.wanted = s.firstIn(model)
		s.try = once(attempt, func(judged *verdict.Judgement) bool { return s.wanted.Alike(model, judged) })
	}
	return found, s.err
}

// bring transplants a real run and gives its plan if what runs there is that run, or
// fails by the same witness. What it lost by no fault's doing it does not lose: taken
// from a smaller plan, that would be other messages.
func bring(s *search, j run.Job, o *replay.Original, r *Shrunk, attempt func(context.Context, *plan.Plan) (*run.Trial, error)) (*plan.Plan, error) {
	if !o.Real() || j.Foreign {
		return nil, nil
	}
	t, err := replay.Bring(string(o.Folder), checker.Options{})
	if err != nil {
		r.Bare = err.Error()
		return nil, nil
	}
	trial, err := attempt(s.ctx, t.Plan)
	if err != nil {
		return nil, err
	}
	if r.Parting, err = t.Parting(trial.Judgement, verdict.FromMemory(trial.History)); err != nil {
		return nil, err
	}
	if r.Parting != nil && !r.Parting.Kept {
		return nil, nil
	}
	brought := t.Plan.Clone()
	brought.Observed = brought.Observed.Explained()
	return brought, nil
}

// startReal measures how often the original fails in the real world, and has the
// sequential test decide from then on, one run at a time.
func startReal(j run.Job, s *search, o *replay.Original, r *Shrunk) error {
	if s.failures == nil {
		t, err := trialsIn(j, run.WorldReal)(s.ctx, o.Plan)
		if err != nil {
			return err
		}
		if s.failures = verdict.Signatures(t.Judgement); s.failures == nil {
			return fmt.Errorf("%w: the plan did not fail in a run in the real world; give a run that did", ErrSound)
		}
	}
	s.wanted = s.failures[0]
	k, shown, err := rate(s.ctx, j, o.Plan, s.wanted)
	if err != nil {
		return err
	}
	if k == 0 {
		return fmt.Errorf("%w: the plan did not fail in any of %d runs in the real world%s", ErrSound, rateTries, verdict.ByViolating(s.failures[:1]))
	}
	test := wald(float64(k) / rateTries)
	s.plan, s.trial, s.workers = o.Plan.Clone(), shown, 1
	s.try = chancy(j, test, s.wanted)
	r.Test = test.String()
	return nil
}

// confirm runs the smallest plan on real processes and keeps the run: in
// lockstep, where it must fail as it did, or in the real world, where it fails at
// a rate.
func confirm(ctx context.Context, j run.Job, r *Shrunk) error {
	j.Plan, j.Status = r.Plan, nil
	runs := 1
	if j.World = run.WorldLockstep; r.World == run.WorldReal {
		j.World, runs = run.WorldReal, rateTries
	}
	var kept *run.Trial
	for range runs {
		result, err := j.Execute(ctx)
		if err != nil {
			return fmt.Errorf("run the smallest plan in %s: %w", j.World, err)
		}
		r.Runs++
		if !r.Wanted.Has(result.Judgement) {
			continue
		}
		r.Rate++
		if r.Run, kept, err = keep(result); err != nil {
			return err
		}
	}
	if r.Run == nil {
		return fmt.Errorf("the smallest plan fails in %s, and on real processes in %s it does not: the node or the harness broke the rule of repeatability", r.World, j.World)
	}
	if r.World == run.WorldSim {
		again, err := run.Try(ctx, r.Plan)
		if err != nil {
			return err
		}
		r.Identical = bytes.Equal(again.History, kept.History)
	}
	r.Story = why.Tell(kept, r.Plan, r.Wanted)
	return r.Run.Folder.Write(store.StoryFile, []byte(strings.Join(r.Story, "\n")+"\n"))
}

func keep(result *run.Result) (*run.Result, *run.Trial, error) {
	t, err := result.Trial()
	return result, t, err
}
