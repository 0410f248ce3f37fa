package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"groupy/checker"
	"groupy/checker/history"
)

// Judgement is what `check` says of a run folder or a history file.
type Judgement struct {
	checker.Report
	Gates []Gate `json:"gates,omitempty"` // run folders only
	// Coverage is what the faults met; run folders only. It decides nothing.
	Coverage Coverage `json:"-"`

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

// Judge checks a run folder or a bare history file. A run folder's plan adds the
// gates: a run in which too little happened is unknown, unless it is invalid.
// Judge reads only; it changes nothing in the folder.
func Judge(path string, o checker.Options) (*Judgement, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return judge(fromFile(path), nil, o)
	}
	folder := Folder(path)
	file, err := folder.History()
	if err != nil {
		return nil, err
	}
	plan, err := folder.Plan()
	if errors.Is(err, fs.ErrNotExist) {
		return judge(fromFile(file), nil, o) // somebody put a history into a folder
	}
	if err != nil {
		return nil, err
	}
	j, err := judge(fromFile(file), plan, o)
	if err != nil {
		return nil, err
	}
	record, err := folder.Record()
	if err != nil {
		return nil, err
	}
	if record != nil {
		j.excuse(plan, record.Lag)
	}
	return j, nil
}

// source gives a history from its beginning, each time it is called.
type source func() (*history.Reader, error)

func fromFile(path string) source {
	return func() (*history.Reader, error) { return history.Open(path) }
}

func fromMemory(data []byte) source {
	return func() (*history.Reader, error) { return history.NewReader(bytes.NewReader(data), "history") }
}

// judge checks a history, and with a plan whether enough happened in it.
func judge(open source, plan *Plan, o checker.Options) (*Judgement, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	report, err := checker.Check(r, o)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Report: report}
	if plan == nil {
		return j, nil
	}
	return j, j.passGates(plan, open)
}

func (j *Judgement) passGates(plan *Plan, open source) error {
	g, err := newGates(plan)
	if err != nil {
		return fmt.Errorf("%s: %w", PlanFile, err)
	}
	r, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	met := newMeetings()
	for e, err := range r.Events() {
		if err != nil {
			return err
		}
		g.see(e)
		met.see(e)
	}
	j.Coverage, j.leftOut = met.met, met.leftOut
	j.Gates = g.counts()
	missing := g.missing()
	j.Unknown = append(j.Unknown, missing...)
	if len(missing) > 0 && j.Verdict == checker.Valid {
		j.Verdict = checker.Unknown
	}
	return nil
}
