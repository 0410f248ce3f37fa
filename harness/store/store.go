package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
)

// Names of what a run folder holds.
const (
	PlanFile    = "plan.json"
	RunFile     = "run.json"
	HistoryFile = "history.jsonl"
	VerdictFile = "verdict.json"
	StoryFile   = "story.txt"            // a shrunk run in a few sentences
	CaptureFile = "wire.pcapng"          // real runs on a network of packets: what passed it
	TapeFile    = "harness.rec"          // real runs of the built-in node: what the run loop learned of its world
	PictureFile = "linearizability.html" // what clients asked and were answered, drawn; where they asked anything
	LogFolder   = "logs"                 // one log per process start: n1.1.log
	DataFolder  = "data"                 // one folder per node, gone at the end if empty; holds the recordings: n1/n1.1.rec
)

// Folder is the place of one run in the store: <store>/<name>/<time>-<seed>.
type Folder string

// NewFolder makes a run's folder. Two runs that begin in the same millisecond
// with the same seed get different ones.
func NewFolder(store, name, seed string, now time.Time) (Folder, error) {
	base := filepath.Join(store, fileName(name), now.Format("20060102T150405.000")+"-"+fileName(seed))
	for i := 1; i < 1000; i++ {
		path := base
		if i > 1 {
			path = fmt.Sprintf("%s-%d", base, i)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", fmt.Errorf("make the store: %w", err)
		}
		err := os.Mkdir(path, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("make the run's folder: %w", err)
		}
		f := Folder(path)
		return f, os.Mkdir(f.Path(LogFolder), 0o755)
	}
	return "", fmt.Errorf("no free name for a run folder at %s", base)
}

// fileName keeps letters, digits, dots and dashes of a text, so that any seed
// makes a file name.
func fileName(text string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.', r == '_':
			return r
		}
		return '_'
	}, text)
	safe = strings.TrimLeft(safe, ".")
	if len(safe) > 80 {
		safe = safe[:80]
	}
	if safe == "" {
		return "_"
	}
	return safe
}

func (f Folder) Path(name string) string { return filepath.Join(string(f), name) }

// Write stores one file of the run, whole or not at all.
func (f Folder) Write(name string, data []byte) error {
	half := f.Path(name + ".part")
	if err := os.WriteFile(half, data, 0o644); err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	return os.Rename(half, f.Path(name))
}

func (f Folder) WriteJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	return f.Write(name, append(data, '\n'))
}

// Plan reads the run's plan.
func (f Folder) Plan() (*plan.Plan, error) {
	file, err := os.Open(f.Path(PlanFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p, err := plan.ReadPlan(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path(PlanFile), err)
	}
	return p, nil
}

// Verdict reads the run's verdict. The error is fs.ErrNotExist if it has none.
func (f Folder) Verdict() (checker.Verdict, error) {
	data, err := os.ReadFile(f.Path(VerdictFile))
	if err != nil {
		return "", err
	}
	var j struct {
		Verdict checker.Verdict `json:"verdict"`
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return "", fmt.Errorf("%s: %w", f.Path(VerdictFile), err)
	}
	return j.Verdict, nil
}

// History is the path of the run's history, plain or compressed.
func (f Folder) History() (string, error) {
	for _, name := range []string{HistoryFile, HistoryFile + ".zst"} {
		if _, err := os.Stat(f.Path(name)); err == nil {
			return f.Path(name), nil
		}
	}
	return "", fmt.Errorf("%s holds no %s: is it a run folder?", f, HistoryFile)
}

// The links by which a store leads to the last run that was made there, and to the last
// one that was invalid.
const (
	Latest        = "latest"
	LatestInvalid = "latest-invalid"
)

// Mark points a link of the store to the run, replacing the link at once.
func (f Folder) Mark(store, link string) error {
	target, err := filepath.Rel(store, string(f))
	if err != nil {
		return err
	}
	half := filepath.Join(store, fmt.Sprintf(".%s-%d-%s", link, os.Getpid(), fileName(target))) // runs may begin side by side
	if err := os.Symlink(target, half); err != nil {
		return err
	}
	return os.Rename(half, filepath.Join(store, link))
}
