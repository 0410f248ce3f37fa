package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"groupy/checker"
	"groupy/harness/verdict"
)

// Judge checks a run folder or a bare history file. A run folder's plan adds the
// gates: a run in which too little happened is unknown, unless it is invalid.
// Judge reads only; it changes nothing in the folder.
func Judge(path string, o checker.Options) (*verdict.Judgement, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return verdict.Judge(verdict.FromFile(path), nil, nil, o)
	}
	folder := Folder(path)
	file, err := folder.History()
	if err != nil {
		return nil, err
	}
	plan, err := folder.Plan()
	if errors.Is(err, fs.ErrNotExist) {
		return verdict.Judge(verdict.FromFile(file), nil, nil, o) // somebody put a history into a folder
	}
	if err != nil {
		return nil, err
	}
	record, err := folder.Record()
	if err != nil {
		return nil, err
	}
	var lag *verdict.Lag
	if record != nil {
		lag = record.Lag
	}
	return verdict.Judge(verdict.FromFile(file), plan, lag, o)
}

// Judgement reads what the run came to. The error is fs.ErrNotExist if it was not
// judged.
func (f Folder) Judgement() (*verdict.Judgement, error) {
	data, err := os.ReadFile(f.Path(VerdictFile))
	if err != nil {
		return nil, err
	}
	var j verdict.Judgement
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("%s: %w; groupy check judges the run anew", f.Path(VerdictFile), err)
	}
	return &j, nil
}
