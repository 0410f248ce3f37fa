package harness

import (
	"bytes"
	"context"
	"errors"
	"os"

	"github.com/hashicorp/go-hclog"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/world"
)

// Trial is a run in the simulated world that leaves nothing on disk: what search
// and shrinking are made of.
type Trial struct {
	Judgement *Judgement
	History   []byte
	Outcome   Outcome
}

// Try carries a plan out in the simulated world and judges it, in memory.
func Try(ctx context.Context, plan *Plan) (t *Trial, err error) {
	virtual, err := plan.virtual()
	if err != nil {
		return nil, err
	}
	w := world.NewSim(virtual, "")
	defer func() { err = errors.Join(err, w.Close()) }()
	var out bytes.Buffer
	t = &Trial{}
	again := func() (*history.Reader, error) { return fromMemory(out.Bytes())() }
	t.Outcome, err = Run(ctx, plan, w, Job{Plan: plan}.openHistory(&out, w.Kind()), again, hclog.NewNullLogger(), nil)
	if err != nil {
		return nil, err
	}
	t.History = out.Bytes()
	t.Judgement, err = judge(fromMemory(t.History), plan, nil, checker.Options{})
	return t, err
}

// events walks over a run's history.
func (t *Trial) events() func(yield func(*history.Event) bool) {
	return func(yield func(*history.Event) bool) {
		r, err := fromMemory(t.History)()
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

// trial is a finished run with its history in memory.
func (r *Result) trial() (*Trial, error) {
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
