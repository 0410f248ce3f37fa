package harness

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"

	"groupy/checker"
	"groupy/node/draw"
)

// Campaign is many runs of the same options with different seeds, side by side.
type Campaign struct {
	Job      Job     // its Plan is made for each run
	Options  Options // its Seed is the campaign's: every run's comes from it
	Runs     int
	Parallel int  // runs at a time
	KeepAll  bool // keep the folders of passing runs too
}

// CampaignRun is one run of a campaign.
type CampaignRun struct {
	Number    int             `json:"run"` // 0, 1, 2, …
	Seed      string          `json:"seed"`
	Verdict   checker.Verdict `json:"verdict"`
	Signature Signature       `json:"signature,omitempty"`
	Unknown   []string        `json:"unknown,omitempty"` // codes of the reasons
	Folder    Folder          `json:"folder,omitempty"`  // of a run that was kept
	Broken    string          `json:"broken,omitempty"`  // the harness's own failure
	Events    int64           `json:"events"`
}

// SeedOf is the seed of a campaign's i-th run. It hangs on nothing else, so a
// run keeps its seed whatever the campaign's length.
func SeedOf(campaign string, i int) string {
	return strconv.FormatUint(draw.New(campaign).With("run").At(uint64(i)).Uint64()>>16, 36)
}

// Carry carries the campaign out and gives each run to done as it ends, one at a
// time but in any order. It returns ctx's error if that ends it early.
func (c Campaign) Carry(ctx context.Context, done func(CampaignRun)) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	numbers := make(chan int)
	for range max(1, c.Parallel) {
		wg.Go(func() {
			for i := range numbers {
				run := c.one(ctx, i)
				if ctx.Err() != nil {
					return // cut off: it counts as not run
				}
				mu.Lock()
				done(run)
				mu.Unlock()
			}
		})
	}
feed:
	for i := range c.Runs {
		select {
		case numbers <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(numbers)
	wg.Wait()
	return ctx.Err()
}

// one is the campaign's i-th run. In the simulated world only a run that does
// not pass is written down, by running it once more: it is the same.
func (c Campaign) one(ctx context.Context, i int) CampaignRun {
	run := CampaignRun{Number: i, Seed: SeedOf(c.Options.Seed, i)}
	o, job := c.Options, c.Job
	o.Seed = run.Seed
	plan, err := NewPlan(o)
	if err != nil {
		run.Broken = err.Error()
		return run
	}
	job.Plan = plan
	if job.world() == WorldSim && !c.KeepAll {
		trial, err := Try(ctx, plan)
		if err != nil {
			run.Broken = err.Error()
			return run
		}
		if trial.Judgement.Verdict == checker.Valid {
			run.judged(trial.Judgement)
			return run
		}
	}
	job.Command = fmt.Sprintf("%s --seed=%s", job.Command, run.Seed)
	result, err := job.Execute(ctx)
	if err != nil {
		run.Broken = err.Error()
	}
	if result == nil || result.Judgement == nil {
		return run
	}
	run.judged(result.Judgement)
	run.Folder = result.Folder
	if run.Verdict == checker.Valid && run.Broken == "" && !c.KeepAll {
		_ = os.RemoveAll(string(result.Folder)) // a run that passed keeps one line
		run.Folder = ""
	}
	return run
}

func (r *CampaignRun) judged(j *Judgement) {
	r.Verdict, r.Signature, r.Events = j.Verdict, SignatureOf(j), j.Stats.Events
	for _, reason := range j.Unknown {
		r.Unknown = append(r.Unknown, reason.Code)
	}
	slices.Sort(r.Unknown)
	r.Unknown = slices.Compact(r.Unknown)
}
