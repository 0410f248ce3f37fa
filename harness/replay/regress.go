package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// What became of a failing plan.
const (
	StillFails = "still-fails"
	Fixed      = "fixed"
	Stale      = "stale" // it says nothing of the present binary any more
)

// Regression is a kept failing plan, run again.
type Regression struct {
	Folder    string            `json:"folder"` // of the run that was kept
	World     string            `json:"world"`  // in which it ran again
	Signature verdict.Signature `json:"signature,omitempty"`
	State     string            `json:"state"`
	Why       string            `json:"why,omitempty"`
	Failed    int               `json:"failed"` // of the runs
	Runs      int               `json:"runs"`
}

// FailingRuns are the folders of a store, at any depth, whose run was judged
// invalid.
func FailingRuns(root string) (folders []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		v, err := store.Folder(path).Verdict()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || v == checker.Invalid {
			folders = append(folders, path) // a broken verdict is told of when the plan is run
		}
		return filepath.SkipDir
	})
	return folders, err
}

// Regress runs each of the failing plans again against the present binary, and
// gives each to show as it is done, one at a time. The built-in node's plans of the
// virtual worlds run in sim, other programs' in lockstep, and those of the real
// world there, times times, since the same plan fails there in a part of runs
// only. Nothing is kept of the new runs.
func Regress(ctx context.Context, job run.Job, folders []string, times, parallel int, show func(Regression)) error {
	var mu sync.Mutex
	var workers sync.WaitGroup
	todo := make(chan string)
	for range max(1, parallel) {
		workers.Go(func() {
			for folder := range todo {
				r := again(ctx, job, folder, times)
				mu.Lock()
				if ctx.Err() == nil {
					show(r)
				}
				mu.Unlock()
			}
		})
	}
	for _, folder := range folders {
		if ctx.Err() != nil {
			break
		}
		todo <- folder
	}
	close(todo)
	workers.Wait()
	return ctx.Err()
}

// again runs one kept plan again.
func again(ctx context.Context, job run.Job, folder string, times int) Regression {
	r := Regression{Folder: folder}
	stale := func(format string, args ...any) Regression {
		r.State, r.Why = Stale, fmt.Sprintf(format, args...)
		return r
	}
	original, err := OpenOriginal(folder)
	if err != nil {
		return stale("%v", err)
	}
	judged, err := store.Judge(folder, checker.Options{})
	if err != nil {
		return stale("%v", err)
	}
	if r.Signature = verdict.SignatureOf(judged); r.Signature == "" {
		return stale("the kept history is %s by this checker", judged.Verdict)
	}
	if r.World, err = worldOf(original, &job); err != nil {
		return stale("%v", err)
	}
	if r.World != run.WorldReal {
		times = 1
	}
	var unknown []string
	for range times {
		j, err := retry(ctx, job, r.World, original.Plan)
		if err != nil {
			return stale("%v", err)
		}
		r.Runs++
		switch {
		case r.Signature.Has(j):
			r.Failed++
		case j.Verdict == checker.Invalid:
			r.Failed++
			r.Why = fmt.Sprintf("violates %s now", verdict.SignatureOf(j))
		case j.Verdict == checker.Unknown:
			unknown = append(unknown, beyond(j, judged)...)
		}
	}
	switch {
	case r.Failed > 0:
		r.State = StillFails
	case len(unknown) > 0:
		slices.Sort(unknown)
		return stale("the plan does not reach what it did: %s", strings.Join(slices.Compact(unknown), ", "))
	default:
		r.State = Fixed
	}
	return r
}

// beyond are the reasons of a run that is unknown which the kept run had not: the
// smallest plans lack much that a run must have, and did so when they failed.
func beyond(j, kept *verdict.Judgement) (codes []string) {
	for _, reason := range j.Unknown {
		if !slices.ContainsFunc(kept.Unknown, func(k checker.Reason) bool { return k.Code == reason.Code }) {
			codes = append(codes, reason.Code)
		}
	}
	return codes
}

// worldOf is where a kept plan runs again, with its own program if that was not
// the built-in node.
func worldOf(o *Original, job *run.Job) (string, error) {
	if o.Record == nil {
		return run.WorldSim, nil
	}
	if program, foreign, err := o.Program(job.Trust); err != nil {
		return "", err
	} else if foreign {
		job.Foreign, job.Program = true, program
		if _, err := run.ProgramSum(job.Program.Path); err != nil {
			return "", err
		}
		return cmp.Or(o.Record.World, run.WorldLockstep), nil
	}
	if o.Record.World == run.WorldReal {
		return run.WorldReal, nil
	}
	return run.WorldSim, nil
}

// retry runs a plan and keeps nothing of it.
func retry(ctx context.Context, job run.Job, where string, plan *plan.Plan) (j *verdict.Judgement, err error) {
	if where == run.WorldSim {
		trial, err := run.Try(ctx, plan)
		if err != nil {
			return nil, err
		}
		return trial.Judgement, nil
	}
	dir, err := os.MkdirTemp("", "groupy-regress-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	job.Plan, job.World, job.Store = plan, where, dir
	result, err := job.Execute(ctx)
	if err != nil {
		return nil, err
	}
	return result.Judgement, nil
}
