package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"groupy/harness/internal/loop"
	"groupy/harness/trust"
	"groupy/harness/verdict"
)

// Record is run.json: what a run was made with and what the history does not
// hold.
type Record struct {
	World   string   `json:"world"`
	Command string   `json:"command"`
	Program []string `json:"program"`
	Foreign bool     `json:"foreign,omitempty"` // the program is not the built-in node
	SHA256  string   `json:"program_sha256"`
	// Mark is this user's, of a program that is not the built-in node: a record from
	// elsewhere has none that is good, and its program is not started unasked.
	Mark  string    `json:"mark,omitempty"`
	Began time.Time `json:"began"`
	Took  string    `json:"took"`
	loop.Outcome
	Lag *verdict.Lag `json:"lag,omitempty"` // real world only
	// Broken is the harness's own failure, "" if there was none.
	Broken string `json:"broken,omitempty"`
}

// Sign marks the record's program as one that this user has run. Without a key to do it
// with the record stays without: it is not trusted later.
func (r *Record) Sign() { r.Mark, _ = trust.Mark(r.marked()...) }

// Mine reports whether this user made the record on this machine.
func (r *Record) Mine() bool { return trust.Made(r.Mark, r.marked()...) }

func (r *Record) marked() []string { return append([]string{"run", r.SHA256}, r.Program...) }

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
