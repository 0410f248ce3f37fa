package store

import (
	"errors"
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
