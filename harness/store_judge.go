package harness

import (
	"errors"
	"io/fs"
	"os"

	"groupy/checker"
)

// Judge checks a run folder or a bare history file. A run folder's plan adds the
// gates: a run in which too little happened is unknown, unless it is invalid.
// Judge reads only; it changes nothing in the folder.
func Judge(path string, o checker.Options) (*Judgement, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return judge(fromFile(path), nil, nil, o)
	}
	folder := Folder(path)
	file, err := folder.History()
	if err != nil {
		return nil, err
	}
	plan, err := folder.Plan()
	if errors.Is(err, fs.ErrNotExist) {
		return judge(fromFile(file), nil, nil, o) // somebody put a history into a folder
	}
	if err != nil {
		return nil, err
	}
	record, err := folder.Record()
	if err != nil {
		return nil, err
	}
	var lag *Lag
	if record != nil {
		lag = record.Lag
	}
	return judge(fromFile(file), plan, lag, o)
}
