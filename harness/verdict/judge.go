package verdict

import (
	"bytes"
	"encoding/json"
	"fmt"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/workloads"
)

// Judgement is what `check` says of a run folder or a history file.
type Judgement struct {
	checker.Report
	Gates []Gate `json:"gates,omitempty"` // run folders only
	// WithoutFaults says that the plan had none: such a run shows that a group works,
	// and little else.
	WithoutFaults bool `json:"without_faults,omitempty"`
	// Coverage is what the faults met; run folders only. It decides nothing.
	Coverage plan.Coverage `json:"-"`
	// Story is what happened; nil in a judgement that was stored and read again.
	Story *Story `json:"-"`

	leftOut bool // a view left out a member that lives
}

// Encode writes the judgement as it is stored in verdict.json and printed by
// --json: the same bytes for the same judgement.
func (j *Judgement) Encode() []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(j); err != nil {
		panic("harness: a judgement cannot be encoded: " + err.Error()) // it holds only values that JSON has
	}
	return buf.Bytes()
}

// Source opens a history.
type Source func() (*history.Reader, error)

func FromFile(path string) Source {
	return func() (*history.Reader, error) { return history.Open(path) }
}

func FromMemory(data []byte) Source {
	return func() (*history.Reader, error) { return history.NewReader(bytes.NewReader(data), "history") }
}

// onlooker is what the harness takes from a history while the checker reads it.
type onlooker struct {
	gates *gates // nil: there is no plan
	met   *meetings
}

func (s *onlooker) see(e *history.Event) {
	if s.gates != nil {
		s.gates.see(e)
	}
	s.met.see(e)
}

// Judge checks a history, and with a plan whether enough happened in it, and with
// the lag of a run's machine what that may have done. All is taken from the
// checker's own reading.
func Judge(open Source, plan *plan.Plan, lag *Lag, o checker.Options) (*Judgement, error) {
	var must workloads.Workload
	if plan != nil {
		var err error
		if must, err = workloads.Find(plan.Workload); err != nil {
			return nil, fmt.Errorf("plan.json: %w", err)
		}
	}
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var seen *onlooker
	r.Watch(func() func(*history.Event) {
		seen = &onlooker{met: newMeetings(plan)}
		if plan != nil {
			seen.gates = newGates(plan, must)
		}
		return seen.see
	})
	report, err := checker.Check(r, o)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Report: report, Story: seen.met.story}
	if plan != nil {
		j.passGates(seen)
		j.WithoutFaults = len(plan.Faults) == 0
		j.excuse(plan, lag)
	}
	return j, nil
}

func (j *Judgement) passGates(seen *onlooker) {
	j.Coverage, j.leftOut = seen.met.met, seen.met.leftOut
	j.Gates = seen.gates.counts()
	missing := seen.gates.missing()
	j.Unknown = append(j.Unknown, missing...)
	if len(missing) > 0 && j.Verdict == checker.Valid {
		j.Verdict = checker.Unknown
	}
}
