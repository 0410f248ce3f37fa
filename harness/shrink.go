package harness

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
)

// ErrSound is the reason why there is nothing to shrink: the run does not fail.
var ErrSound = errors.New("nothing to shrink")

// StoryFile is the story of a shrunk run.
const StoryFile = "story.txt"

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
	Plan          *Plan
	Wanted        Signature
	Before, After Size
	Tried         int    // candidates
	World         string // that decided on them
	// Seed is set if the original's own seed did not fail in sim and another did.
	Seed string
	// Stopped says that the budget was used up before the search was over.
	Stopped bool
	// Rate is, in the real world, how many of Runs of the smallest plan failed.
	// Test is what decided there.
	Rate, Runs int
	Test       string
	Run        *Result // the run of the smallest plan that is kept
	Identical  bool    // that run's history is, byte for byte, that of sim
	Story      []string
	Took       time.Duration
}

// Shrink finds the smallest plan that fails the same way as the original, runs
// it in lockstep, on real processes, and keeps that run with its story. Where the
// job names no world, candidates are tried in sim, those for a foreign program in
// lockstep, and a failure that only the real world shows is shrunk there. The
// error is ErrSound, with the reason, if the original does not fail.
func Shrink(ctx context.Context, j Job, o *Original, options ShrinkOptions) (*Shrunk, error) {
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
func Smallest(ctx context.Context, p *Plan, wanted Signature, try func(context.Context, *Plan) (*Trial, error), options ShrinkOptions) (*Plan, error) {
	s, err := newSearch(ctx, &Original{Plan: p}, options)
	if err != nil {
		return nil, err
	}
	s.wanted, s.try = wanted, try
	if !s.firstOf([]*Plan{p.clone()}) {
		return nil, errors.Join(s.err, fmt.Errorf("%w: the plan itself does not show it", ErrSound))
	}
	err = s.run()
	return s.plan, err
}

// newSearch is a search for the smallest plan that fails as the original did.
func newSearch(ctx context.Context, o *Original, options ShrinkOptions) (*search, error) {
	failures, err := failures(o)
	if err != nil {
		return nil, err
	}
	if options.Workers == 0 {
		options.Workers = runtime.GOMAXPROCS(0)
	}
	return &search{
		ctx: ctx, workers: options.Workers, failures: failures, show: options.Show, known: map[[sha256.Size]byte]bool{},
	}, nil
}

// failures are the signatures of the run that is to be shrunk, the first of which
// is wanted most; none for a bare plan, whose first run shows them.
func failures(o *Original) ([]Signature, error) {
	if o.Folder == "" {
		return nil, nil
	}
	judged, err := Judge(string(o.Folder), checker.Options{})
	if err != nil {
		return nil, err
	}
	all := signatures(judged)
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: the run's verdict is %s", ErrSound, judged.Verdict)
	}
	return all, nil
}

// start finds the world in which the original fails, and sets the search off
// with it.
func start(j Job, s *search, o *Original, r *Shrunk) error {
	r.World = j.World
	if r.World == "" {
		r.World = WorldSim
		if j.Foreign {
			r.World = WorldLockstep
		}
	}
	if r.World != WorldReal {
		found, err := startVirtual(j, s, o, r)
		if found || err != nil {
			return err
		}
		if j.World != "" || o.Record == nil || o.Record.World != WorldReal {
			return fmt.Errorf("%w: the plan does not fail in %s%s", ErrSound, r.World, byViolating(s.failures))
		}
		j.Log.Info("the plan does not fail in sim: its candidates run in the real world, which takes long")
		r.World = WorldReal
	}
	return startReal(j, s, o, r)
}

// startVirtual runs the original's plan as it is, and in sim also under other
// seeds if its own run was of the real world.
func startVirtual(j Job, s *search, o *Original, r *Shrunk) (bool, error) {
	run := trialsIn(j, r.World)
	// A run of the real world often violates several properties, of which the
	// virtual one shows others first: one of them will do.
	fails := func(judged *Judgement) bool {
		return s.failures == nil && SignatureOf(judged) != "" || s.firstIn(judged) != ""
	}
	s.try = once(run, fails)
	found := s.firstOf([]*Plan{o.Plan.clone()})
	if !found && r.World == WorldSim && o.Record != nil && o.Record.World == WorldReal && s.seeded(o.Plan) {
		found, r.Seed = true, s.plan.Seed
	}
	if found {
		model := s.trial.Judgement
		if s.failures == nil {
			s.failures = signatures(model)
		}
		s.wanted = s.firstIn(model)
		s.try = once(run, func(judged *Judgement) bool { return s.wanted.alike(model, judged) })
	}
	return found, s.err
}

// startReal measures how often the original fails in the real world, and has the
// sequential test decide from then on, one run at a time.
func startReal(j Job, s *search, o *Original, r *Shrunk) error {
	if s.failures == nil {
		t, err := trialsIn(j, WorldReal)(s.ctx, o.Plan)
		if err != nil {
			return err
		}
		if s.failures = signatures(t.Judgement); s.failures == nil {
			return fmt.Errorf("%w: the plan did not fail in a run in the real world; give a run that did", ErrSound)
		}
	}
	s.wanted = s.failures[0]
	k, shown, err := rate(s.ctx, j, o.Plan, s.wanted)
	if err != nil {
		return err
	}
	if k == 0 {
		return fmt.Errorf("%w: the plan did not fail in any of %d runs in the real world%s", ErrSound, rateTries, byViolating(s.failures[:1]))
	}
	test := wald(float64(k) / rateTries)
	s.plan, s.trial, s.workers = o.Plan.clone(), shown, 1
	s.try = chancy(j, test, s.wanted)
	r.Test = test.String()
	return nil
}

// confirm runs the smallest plan on real processes and keeps the run: in
// lockstep, where it must fail as it did, or in the real world, where it fails at
// a rate.
func confirm(ctx context.Context, j Job, r *Shrunk) error {
	j.Plan, j.Status = r.Plan, nil
	runs := 1
	if j.World = WorldLockstep; r.World == WorldReal {
		j.World, runs = WorldReal, rateTries
	}
	var kept *Trial
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
	if r.World == WorldSim {
		again, err := Try(ctx, r.Plan)
		if err != nil {
			return err
		}
		r.Identical = bytes.Equal(again.History, kept.History)
	}
	r.Story = Tell(kept, r.Plan, r.Wanted)
	return r.Run.Folder.write(StoryFile, []byte(strings.Join(r.Story, "\n")+"\n"))
}

func keep(result *Result) (*Result, *Trial, error) {
	t, err := result.trial()
	return result, t, err
}
