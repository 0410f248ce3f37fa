package run

import (
	"bytes"
	"context"
	"errors"
	"os"

	"github.com/hashicorp/go-hclog"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/internal/loop"
	"groupy/harness/internal/virtual"
	"groupy/harness/plan"
	"groupy/harness/verdict"
)

// Trial is a run in the simulated world that leaves nothing on disk: what search
// and shrinking are made of.
type Trial struct {
	Judgement *verdict.Judgement
	History   []byte
	Outcome   loop.Outcome
}

// Try carries a plan out in the simulated world and judges it, in memory.
func Try(ctx context.Context, plan *plan.Plan) (t *Trial, err error) {
	made, err := plan.Virtual()
	if err != nil {
		return nil, err
	}
	w := virtual.NewSim(made, "")
	defer func() { err = errors.Join(err, w.Close()) }()
	var out bytes.Buffer
	t = &Trial{}
	again := func() (*history.Reader, error) { return verdict.FromMemory(out.Bytes())() }
	t.Outcome, err = loop.Run(ctx, plan, w, Job{Plan: plan}.OpenHistory(&out, w.Kind()), again, hclog.NewNullLogger(), nil)
	if err != nil {
		return nil, err
	}
	t.History = out.Bytes()
	t.Judgement, err = verdict.Judge(verdict.FromMemory(t.History), plan, nil, checker.Options{})
	return t, err
}

// Events walks over a run's history.
func (t *Trial) Events() func(yield func(*history.Event) bool) {
	return func(yield func(*history.Event) bool) {
		r, err := verdict.FromMemory(t.History)()
		if err != nil {
			return
		}
		defer r.Close()
		for e, err := range r.Events() {
			if err != nil || !yield(e) {
				return
			}
		}
	}
}

// Trial is a finished run with its history in memory.
func (r *Result) Trial() (*Trial, error) {
	path, err := r.Folder.History()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return &Trial{Judgement: r.Judgement, History: data, Outcome: r.Record.Outcome}, nil
}
