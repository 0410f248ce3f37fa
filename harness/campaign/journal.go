package campaign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/verdict"
)

// Kinds of lines in a journal.
const (
	KindSession = "session" // a process began or resumed the campaign
	KindRun     = "run"
	KindShrunk  = "shrunk"
)

// Line is one line of the journal; Kind says which of the others is set.
type Line struct {
	Kind    string   `json:"type"`
	Session *Session `json:"session,omitempty"`
	Run     *Run     `json:"run,omitempty"`
	Shrunk  *Shrunk  `json:"shrunk,omitempty"`
}

// Session is one process that carried the campaign on.
type Session struct {
	At       time.Time `json:"at"`
	Parallel int       `json:"parallel"`
	SHA256   string    `json:"program_sha256"` // of the program under test
}

// Run is one run of a campaign. Its line is what makes it count.
type Run struct {
	Number int `json:"number"` // 0, 1, 2, …
	Cell
	Seed      string            `json:"seed"`
	Verdict   checker.Verdict   `json:"verdict,omitempty"` // "": the harness broke before there was one
	Signature verdict.Signature `json:"signature,omitempty"`
	Unknown   []string          `json:"unknown,omitempty"` // codes of the reasons
	Broken    string            `json:"broken,omitempty"`  // the harness's own failure
	Folder    string            `json:"folder,omitempty"`  // of a run that was kept, below the campaign's
	Events    int64             `json:"events"`
	At        time.Time         `json:"at"`               // its end
	TookMS    int64             `json:"took_ms"`          // milliseconds
	LagUS     int64             `json:"lag_us,omitempty"` // µs: how late the harness's timers fired at worst; real world only
	Met       plan.Coverage     `json:"met,omitempty"`    // what its faults met
}

// Failed reports whether the run is to be kept and told of: it is not valid, or
// the harness broke.
func (r *Run) Failed() bool { return r.Verdict != checker.Valid || r.Broken != "" }

// Group is the bug that the run shows: runs of one group are taken for failures
// of one kind. The zero value is that of a run that violates nothing.
func (r *Run) Group() Group {
	if r.Signature == "" {
		return Group{}
	}
	return Group{Protocol: r.Protocol, Signature: r.Signature}
}

// Group is what failures are counted by: a property that a protocol violates.
type Group struct {
	Protocol  string            `json:"protocol"`
	Signature verdict.Signature `json:"signature"`
}

// String is the group for people.
func (g Group) String() string { return g.Protocol + " " + string(g.Signature) }

// Shrunk is a group's smallest plan, or why there is none.
type Shrunk struct {
	Group
	From    int    `json:"from"`             // number of the run that was shrunk
	Folder  string `json:"folder,omitempty"` // of the smallest plan's run, below the campaign's
	World   string `json:"world,omitempty"`  // in which that ran
	Before  int    `json:"before"`           // units (faults and operations)
	After   int    `json:"after"`
	Nodes   int    `json:"nodes"` // left
	Tried   int    `json:"tried"` // candidates
	Stopped bool   `json:"stopped,omitempty"`
	Failed  string `json:"failed,omitempty"` // why it has no smallest plan
}

// Journal is a campaign's journal, open for appending by one process.
type Journal struct{ file *os.File }

// OpenJournal opens a campaign's journal, takes off a line that was cut short by
// the death of who wrote it, and gives each whole line to see. A second process
// on the same campaign is refused.
func OpenJournal(dir string, see func(*Line)) (j *Journal, err error) {
	path := filepath.Join(dir, JournalFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, fmt.Errorf("%s is being carried on by another process: %w", dir, err)
	}
	whole, err := readLines(file, path, see)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(whole); err != nil {
		return nil, fmt.Errorf("take the cut line off %s: %w", path, err)
	}
	_, err = file.Seek(whole, io.SeekStart)
	return &Journal{file}, err
}

// ReadJournal gives each whole line of a campaign's journal to see; a campaign
// that has none yet gives nothing. It changes nothing.
func ReadJournal(dir string, see func(*Line)) error {
	path := filepath.Join(dir, JournalFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = readLines(file, path, see)
	return err
}

// readLines gives the length of the whole lines. A malformed one is an error that
// names its place; a last one cut short is left out.
func readLines(src io.Reader, path string, see func(*Line)) (whole int64, err error) {
	in := bufio.NewReaderSize(src, 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, fmt.Errorf("%s: %w", path, err)
		}
		line := &Line{}
		if err := json.Unmarshal(text, line); err != nil {
			return whole, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		if err := line.check(); err != nil {
			return whole, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		see(line)
		whole += int64(len(text))
	}
}

func (l *Line) check() error {
	switch {
	case l.Kind == KindRun && (l.Run == nil || l.Run.Number < 0),
		l.Kind == KindShrunk && l.Shrunk == nil, l.Kind == KindSession && l.Session == nil:
		return fmt.Errorf("a line of type %q without a %s", l.Kind, l.Kind)
	}
	return nil
}

// Append writes one line, by one call of the system, so that the death of the
// process leaves it whole or cut short, and never two mixed.
func (j *Journal) Append(l Line) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return err
	}
	if _, err := j.file.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	return nil
}

// Close closes the journal and lets another process carry the campaign on.
func (j *Journal) Close() error { return j.file.Close() }
