package harness

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"groupy/checker"
	"groupy/checker/history"
)

// Judgement is what `check` says of a run folder or a history file.
type Judgement struct {
	checker.Report
	Gates []Gate `json:"gates,omitempty"` // run folders only
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
		return judgeFile(path, o)
	}
	folder := Folder(path)
	file, err := folder.History()
	if err != nil {
		return nil, err
	}
	j, err := judgeFile(file, o)
	if err != nil {
		return nil, err
	}
	plan, err := folder.Plan()
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil // somebody put a history into a folder
	}
	if err != nil {
		return nil, err
	}
	return j, j.passGates(plan, file)
}

func judgeFile(path string, o checker.Options) (*Judgement, error) {
	r, err := history.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	report, err := checker.Check(r, o)
	if err != nil {
		return nil, err
	}
	return &Judgement{Report: report}, nil
}

func (j *Judgement) passGates(plan *Plan, file string) error {
	g, err := newGates(plan)
	if err != nil {
		return fmt.Errorf("%s: %w", PlanFile, err)
	}
	r, err := history.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		g.see(e)
	}
	j.Gates = g.counts()
	missing := g.missing()
	j.Unknown = append(j.Unknown, missing...)
	if len(missing) > 0 && j.Verdict == checker.Valid {
		j.Verdict = checker.Unknown
	}
	return nil
}
