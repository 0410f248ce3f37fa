package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"groupy/harness/internal/loop"
	"groupy/harness/verdict"
)

// Record is run.json: what a run was made with and what the history does not
// hold.
type Record struct {
	World   string    `json:"world"`
	Command string    `json:"command"`
	Program []string  `json:"program"`
	Foreign bool      `json:"foreign,omitempty"` // the program is not the built-in node
	SHA256  string    `json:"program_sha256"`
	Began   time.Time `json:"began"`
	Took    string    `json:"took"`
	loop.Outcome
	Lag *verdict.Lag `json:"lag,omitempty"` // real world only
	// Broken is the harness's own failure, "" if there was none.
	Broken string `json:"broken,omitempty"`
}

// Record reads what the run was made with; nil if it was cut off before that was
// written.
func (f Folder) Record() (*Record, error) {
	data, err := os.ReadFile(f.Path(RunFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path(RunFile), err)
	}
	return r, nil
}
