package replay

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/nemesis/disk"
)

// Original is what a replay starts from: a plan, and the run that it comes from,
// if there was one.
type Original struct {
	Plan   *plan.Plan
	Folder store.Folder  // "" for a bare plan
	Record *store.Record // nil for a bare plan, or a run that was cut off
}

// OpenOriginal reads a run folder or a plan file.
func OpenOriginal(path string) (*Original, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		plan, err := plan.ReadPlan(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return &Original{Plan: plan}, nil
	}
	o := &Original{Folder: store.Folder(path)}
	if o.Plan, err = o.Folder.Plan(); err != nil {
		return nil, err
	}
	o.Record, err = o.Folder.Record()
	return o, err
}

// Program is what the original ran as a node, if that was not the built-in one; ok is
// false if it was. A program that a folder from elsewhere names is given only where the
// caller trusts it: the error shows it, and says how.
func (o *Original) Program(trusted bool) (p run.Program, ok bool, err error) {
	if o.Record == nil || !o.Record.Foreign {
		return p, false, nil
	}
	if len(o.Record.Program) == 0 {
		return p, false, fmt.Errorf("%s names no program", o.Folder.Path(store.RunFile))
	}
	if !trusted && !o.Record.Mine() {
		return p, false, Untrusted(o.Folder.Path(store.RunFile), o.Record.Program)
	}
	return run.Program{Path: o.Record.Program[0], Args: o.Record.Program[1:]}, true, nil
}

// Untrusted is the error for a file that names a program and was not made by this user
// on this machine.
func Untrusted(file string, program []string) error {
	return fmt.Errorf("%s names a program to start, and was not made by you on this machine:\n    %q\nname the program yourself with --bin, or start this one with --trust", file, program)
}

// Real reports whether it is a run of the built-in node in the real world, which a
// virtual world can follow if it was recorded.
func (o *Original) Real() bool {
	return o.Record != nil && o.Record.World == run.WorldReal && !o.Record.Foreign
}

// OnDisk has the plan run on another kind of disk: on faulty-kept, say, to see
// whether what a power loss took made the difference. The history is then not held
// against the original's.
func (o *Original) OnDisk(kind string) error {
	k, err := disk.FindKind(kind)
	if err != nil {
		return err
	}
	o.Plan.Disk, o.Record = k.Name, nil
	return o.Plan.Validate()
}

// Stale says what has changed since the original run, in words; empty if
// nothing has that matters.
func (o *Original) Stale(j run.Job) []string {
	if o.Record == nil {
		return nil
	}
	var changed []string
	if sum, err := run.ProgramSum(j.Program.Path); err == nil && sum != o.Record.SHA256 {
		changed = append(changed, "the program under test is another build than the one of the original run")
	}
	return changed
}

// Replayed is what n runs of one plan came to.
type Replayed struct {
	Runs []*run.Result
	// Differs is where a run's history parts from the first one's, or from the
	// original's if that was of the same kind of world; nil where it is the same.
	// Only virtual worlds promise that.
	Differs []*Difference
	// Wanted is the original's failure, or else the first one found; Shown is how
	// many runs had it.
	Wanted verdict.Signature
	Shown  int
	// Transplanted is set if a real run was brought to the virtual world, Parting if
	// the first of the runs is not that run. Bare is why it could not be brought, so
	// that its plan ran as it was written.
	Transplanted *Transplanted
	Parting      *Parting
	Bare         string
}

// Replay runs the original's plan n times in the job's world. Every run is kept
// in the store. A real run is transplanted for a virtual world, unless the program is
// another. It stops at the first failure of the harness itself.
func Replay(ctx context.Context, j run.Job, o *Original, n int) (*Replayed, error) {
	j.Plan = o.Plan
	r := &Replayed{}
	if o.Real() && j.Where() != run.WorldReal && !j.Foreign {
		t, err := Bring(string(o.Folder), j.Judging)
		if err != nil {
			r.Bare = err.Error()
		} else {
			r.Transplanted, j.Plan = t, t.Plan
		}
	}
	if words := j.Judging.Words; words != nil {
		var err error
		j.Plan = j.Plan.Clone()
		if j.Plan.Promises, err = j.Plan.Promised(words); err != nil {
			return nil, err
		}
	}
	reference := ""
	if o.Folder != "" {
		if original, err := store.Judge(string(o.Folder), j.Judging); err == nil {
			r.Wanted = verdict.SignatureOf(original)
		}
		if path, err := o.Folder.History(); err == nil && o.Record != nil && o.Record.World != run.WorldReal && j.Judging.Words == nil {
			reference = path // with other promises its header, and the hashes of it, are others
		}
	}
	for range n {
		result, err := j.Execute(ctx)
		if err != nil {
			return r, err
		}
		if r.Wanted == "" {
			r.Wanted = verdict.SignatureOf(result.Judgement)
		}
		r.Runs = append(r.Runs, result)
		if r.Wanted.Has(result.Judgement) {
			r.Shown++
		}
		path, err := result.Folder.History()
		if err != nil {
			return r, err
		}
		if r.Transplanted != nil && len(r.Runs) == 1 {
			if r.Parting, err = r.Transplanted.Parting(result.Judgement, verdict.FromFile(path)); err != nil {
				return r, err
			}
		}
		var difference *Difference
		if j.Where() != run.WorldReal && reference != "" {
			if difference, err = compareFiles(reference, path); err != nil {
				return r, err
			}
		}
		r.Differs = append(r.Differs, difference)
		if reference == "" {
			reference = path
		}
	}
	return r, nil
}

// Verdict composes the runs' verdicts: one violation decides, then one unknown.
func (r *Replayed) Verdict() checker.Verdict {
	verdict := checker.Valid
	for _, run := range r.Runs {
		switch run.Judgement.Verdict {
		case checker.Invalid:
			return checker.Invalid
		case checker.Unknown:
			verdict = checker.Unknown
		}
	}
	return verdict
}

// Parted gives the first difference of all runs; nil if there is none.
func (r *Replayed) Parted() *Difference {
	for _, d := range r.Differs {
		if d != nil {
			return d
		}
	}
	return nil
}

func compareFiles(a, b string) (*Difference, error) {
	var files [2]io.ReadCloser
	for i, path := range []string{a, b} {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		files[i] = file
	}
	return Compare(files[0], files[1])
}

// Wilson is the 95% confidence interval of a rate of which k of n tries were
// seen (Wilson 1927): it stays honest for few tries and for none or all.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle := p + z*z/(2*m)
	spread := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 1 + z*z/m
	return max(0, (middle-spread)/scale), min(1, (middle+spread)/scale)
}
