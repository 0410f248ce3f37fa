package campaign

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// one is the campaign's run of a number, in its cell. In the simulated world only
// a run that is to be kept is written down, by running it once more: it is the
// same.
func (c *Campaign) one(ctx context.Context, number int, cell Cell, met plan.Coverage) *Run {
	attempt := &Run{Number: number, Cell: cell, Seed: SeedOf(c.Spec.Seed, number)}
	began := c.Job.Now()
	defer func() {
		attempt.At = c.Job.Now()
		attempt.TookMS = attempt.At.Sub(began).Milliseconds()
	}()
	job := c.Job
	if err := c.plan(&job, attempt, met); err != nil {
		attempt.Broken = err.Error()
		return attempt
	}
	if cell.World == run.WorldSim && !c.Spec.KeepAll {
		trial, err := run.Try(ctx, job.Plan)
		if err != nil {
			attempt.Broken = err.Error()
			return attempt
		}
		if trial.Judgement.Verdict == checker.Valid {
			attempt.judged(trial.Judgement)
			return attempt
		}
	}
	result, err := job.Execute(ctx)
	if err != nil {
		attempt.Broken = err.Error()
	}
	if result == nil {
		return attempt
	}
	if result.Judgement != nil {
		attempt.judged(result.Judgement)
	}
	if result.Record.Lag != nil {
		attempt.LagUS = result.Record.Lag.WorstMicros
	}
	if !attempt.Failed() && !c.Spec.KeepAll {
		_ = os.RemoveAll(string(result.Folder)) // a run that passed keeps one line; what is left of it is cleaned up at the end
		return attempt
	}
	if attempt.Folder, err = filepath.Rel(c.Dir, string(result.Folder)); err != nil {
		attempt.Broken = err.Error()
	}
	return attempt
}

// plan completes a job.
func (c *Campaign) plan(job *run.Job, run *Run, met plan.Coverage) (err error) {
	o, err := run.options(c.Spec.Options, run.Seed)
	if err != nil {
		return err
	}
	o.Met = met
	job.World, job.Store = run.World, c.Dir
	job.Command = c.Command(run.Cell, run.Seed)
	job.Plan, err = plan.NewPlan(o)
	return err
}

func (r *Run) judged(j *verdict.Judgement) {
	r.Verdict, r.Signature, r.Events, r.Met = j.Verdict, verdict.SignatureOf(j), j.Stats.Events, j.Coverage
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
