package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"groupy/harness/internal/world"
	"groupy/node/contract"
)

// Options say which program is put to the contract.
type Options struct {
	Program  world.Program
	Warden   world.Program
	Config   json.RawMessage // the node's own options; nil: none
	Dir      string          // for logs and data; must exist
	Start    time.Duration   // for a process to answer init
	Patience time.Duration   // for anything else that must come
}

// State is what a step came to.
type State string

// The states of a step.
const (
	OK       State = "ok"
	Missing  State = "missing"
	Optional State = "optional" // the program does without, and may
	Untried  State = "untried"  // an earlier step is missing
)

// Result is what a step came to, and why.
type Result struct {
	Step
	State State  `json:"state"`
	Text  string `json:"text,omitempty"` // what was seen, or what is missing
	// Dialogue is what was said in a step that is missing: > to the node, < from it. Log
	// are the last lines of that node's log.
	Dialogue []string `json:"dialogue,omitempty"`
	Log      []string `json:"log,omitempty"`
}

// Check takes the steps in their order, and tells each result as soon as it is known.
// It reports whether nothing is missing. An error is the harness's own failure, or
// ctx's.
func Check(ctx context.Context, o Options, tell func(Result)) (whole bool, err error) {
	t, err := begin(o)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, t.world.Close()) }()
	whole = true
	over := false
	for _, s := range Steps {
		r := Result{Step: s, State: Untried}
		if !over {
			r = t.take(ctx, s)
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
		if r.State == Missing {
			whole, over = false, over || s.Decides
		}
		tell(r)
	}
	return whole, nil
}

// take takes one step.
func (t *talk) take(ctx context.Context, s Step) Result {
	t.ctx, t.dialogue = ctx, nil
	text, err := s.take(t)
	r := Result{Step: s, State: OK, Text: text}
	var broken *contract.Broken
	switch {
	case err == nil:
	case errors.As(err, &broken):
		r.State, r.Text = Missing, explained(broken)
	case s.Optional != "":
		r.State, r.Text = Optional, err.Error()+"; "+s.Optional
	default:
		r.State, r.Text = Missing, err.Error()
	}
	if r.State == Missing {
		r.Dialogue, r.Log = t.dialogue, t.lastWords()
	}
	return r
}
