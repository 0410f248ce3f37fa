package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"groupy/node"
	"groupy/node/journal"
	"groupy/node/machine"
)

// Recorder writes down what a process does before it does it: one frame a step,
// with one system call for all steps of a batch. A nil recorder writes nothing.
type Recorder struct {
	file    *os.File
	frames  bytes.Buffer // whole, and not yet in the file
	journal *journal.Writer
	frame   Frame // of the step that is under way
}

// RecordingName is the file in data_dir that holds the recording of a member.
func RecordingName(member string) string { return member + ".rec" }

// NewRecorder begins the recording of one process in init's data_dir. It never
// touches that of another.
func NewRecorder(in node.Init, began time.Time) (*Recorder, error) {
	if in.DataDir == "" {
		return nil, errors.New("config.record is set, but init has no data_dir to record in")
	}
	member := node.MemberName(in.NodeID, in.Incarnation)
	file, err := os.OpenFile(filepath.Join(in.DataDir, RecordingName(member)), os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("config.record: %w; give each run a data_dir of its own", err)
	}
	r := &Recorder{file: file}
	r.journal = journal.NewWriter(&r.frames)
	header, err := json.Marshal(recordingHeader{recordingFormat, member, began.UnixMicro(), in})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("config.record: %w", err), file.Close())
	}
	r.Begin(0, InputHeader, header)
	return r, errors.Join(r.Commit(), r.Write())
}

// Begin opens the frame of a step.
func (r *Recorder) Begin(now time.Duration, kind InputKind, input []byte) {
	if r != nil {
		r.frame = Frame{now, kind, input, r.frame.Effects[:0]}
	}
}

// Effect adds an output, with what will be written for it.
func (r *Recorder) Effect(o machine.Output, written []byte) {
	if r == nil {
		return
	}
	if e, is := effectOf(o, written); is {
		r.frame.Effects = append(r.frame.Effects, e)
	}
}

// Commit ends the frame.
func (r *Recorder) Commit() error {
	if r == nil {
		return nil
	}
	if err := r.journal.Append(r.frame.Append); err != nil {
		return fmt.Errorf("record a step: %w", err)
	}
	return nil
}

// Write writes the frames so far. Only then may their effects leave.
func (r *Recorder) Write() error {
	if r == nil || r.frames.Len() == 0 {
		return nil
	}
	if _, err := r.frames.WriteTo(r.file); err != nil {
		return fmt.Errorf("record a batch of steps: %w", err)
	}
	return nil
}

func (r *Recorder) Close() {
	if r != nil {
		_ = r.file.Close() // every frame has been written
	}
}
