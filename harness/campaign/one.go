package campaign

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"groupy/checker"
	"groupy/harness"
)

// one is the campaign's run of a number, in its cell. In the simulated world only
// a run that is to be kept is written down, by running it once more: it is the
// same.
func (c *Campaign) one(ctx context.Context, number int, cell Cell, met harness.Coverage) *Run {
	run := &Run{Number: number, Cell: cell, Seed: SeedOf(c.Spec.Seed, number)}
	began := c.Job.Now()
	defer func() {
		run.At = c.Job.Now()
		run.TookMS = run.At.Sub(began).Milliseconds()
	}()
	job := c.Job
	if err := c.plan(&job, run, met); err != nil {
		run.Broken = err.Error()
		return run
	}
	if cell.World == harness.WorldSim && !c.Spec.KeepAll {
		trial, err := harness.Try(ctx, job.Plan)
		if err != nil {
			run.Broken = err.Error()
			return run
		}
		if trial.Judgement.Verdict == checker.Valid {
			run.judged(trial.Judgement)
			return run
		}
	}
	result, err := job.Execute(ctx)
	if err != nil {
		run.Broken = err.Error()
	}
	if result == nil {
		return run
	}
	if result.Judgement != nil {
		run.judged(result.Judgement)
	}
	if result.Record.Lag != nil {
		run.LagUS = result.Record.Lag.WorstMicros
	}
	if !run.Failed() && !c.Spec.KeepAll {
		_ = os.RemoveAll(string(result.Folder)) // a run that passed keeps one line; what is left of it is cleaned up at the end
		return run
	}
	if run.Folder, err = filepath.Rel(c.Dir, string(result.Folder)); err != nil {
		run.Broken = err.Error()
	}
	return run
}

// plan completes a job.
func (c *Campaign) plan(job *harness.Job, run *Run, met harness.Coverage) (err error) {
	o, err := run.options(c.Spec.Options, run.Seed)
	if err != nil {
		return err
	}
	o.Met = met
	job.World, job.Store = run.World, c.Dir
	job.Command = c.Command(run.Cell, run.Seed)
	job.Plan, err = harness.NewPlan(o)
	return err
}

func (r *Run) judged(j *harness.Judgement) {
	r.Verdict, r.Signature, r.Events, r.Met = j.Verdict, harness.SignatureOf(j), j.Stats.Events, j.Coverage
	for _, reason := range j.Unknown {
		r.Unknown = append(r.Unknown, reason.Code)
	}
	slices.Sort(r.Unknown)
	r.Unknown = slices.Compact(r.Unknown)
}

// clean removes the folders of runs that do not count: what a process that was
// killed had begun. Run folders lie two below the campaign's.
func (c *Campaign) clean() error {
	names, err := os.ReadDir(c.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !name.IsDir() {
			continue
		}
		runs, err := os.ReadDir(filepath.Join(c.Dir, name.Name()))
		if err != nil {
			return err
		}
		for _, run := range runs {
			folder := filepath.Join(name.Name(), run.Name())
			if run.IsDir() && !c.folders[folder] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(c.Dir, folder)))
			}
		}
		if err != nil {
			return err
		}
		_ = os.Remove(filepath.Join(c.Dir, name.Name())) // only if it is empty
	}
	return nil
}
