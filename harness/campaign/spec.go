package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/harness/trust"
)

// Names of what a campaign folder holds, beside the folders of its runs.
const (
	SpecFile    = "campaign.json"
	JournalFile = "journal.jsonl"
	// Folder is where a store keeps its campaigns: <store>/campaigns/<time>-<seed>.
	Folder = "campaigns"
)

// Format is what campaign.json of this version says of itself.
const Format = "groupy-campaign/1"

// Spec is what a campaign is: all that a resumed one must know. It never changes
// once the campaign has begun.
type Spec struct {
	Format  string        `json:"format"`
	Seed    string        `json:"seed"`
	Began   time.Time     `json:"began"`
	Matrix  Matrix        `json:"matrix"`
	Options plan.Options  `json:"options"` // what the cells do not say
	Runs    int           `json:"runs"`    // 0: no bound
	For     time.Duration `json:"for_ns"`  // over all sessions; 0: no bound
	// StopAfter is the number of failures after which no run begins; 0: no bound.
	StopAfter int           `json:"stop_after"`
	KeepAll   bool          `json:"keep_all"`  // keep the folders of passing runs too
	Shrink    time.Duration `json:"shrink_ns"` // for each failure's smallest plan; 0: not shrunk
	// Behind is by how many runs a plan that is guided by coverage lags: run i
	// knows what the runs up to i-Behind met, whatever ran beside it.
	Behind int `json:"behind"`
	// Program is the program under test with its arguments; none: the built-in
	// node.
	Program []string `json:"program,omitempty"`
	Mark    string   `json:"mark,omitempty"`  // this user's, of the program
	Words   []string `json:"words,omitempty"` // flags of `groupy run` that bring a run back, beside its cell's and its seed
}

// Guided reports whether plans depend on what earlier runs met.
func (s *Spec) Guided() bool { return slices.Contains(s.Options.Explore, plan.CoverageStrategy) }

// check says what cannot be.
func (s *Spec) check() error {
	switch {
	case s.Format != Format:
		return fmt.Errorf("format is %q; this version reads %q", s.Format, Format)
	case s.Seed == "":
		return errors.New("no seed")
	case s.Runs < 0 || s.For < 0 || s.StopAfter < 0 || s.Shrink < 0:
		return errors.New("--runs, --for, --stop-after and --shrink are not below 0")
	case s.Guided() && s.Behind < 1:
		return errors.New("behind is below 1: a run cannot be guided by itself")
	}
	return s.Matrix.check(s.Options)
}

// Mine reports whether this user made the spec on this machine, or it names no program.
func (s *Spec) Mine() bool { return len(s.Program) == 0 || trust.Made(s.Mark, s.marked()...) }

func (s *Spec) marked() []string { return append([]string{"campaign"}, s.Program...) }

// Create makes the campaign's folder with its spec in it.
func (s *Spec) Create(root string) (dir string, err error) {
	if err := s.check(); err != nil {
		return "", err
	}
	folder, err := store.NewFolder(root, Folder, s.Seed, s.Began)
	if err != nil {
		return "", err
	}
	dir = string(folder)
	if len(s.Program) > 0 {
		s.Mark, _ = trust.Mark(s.marked()...) // without a key it is not trusted when resumed
	}
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return dir, err
	}
	half := filepath.Join(dir, SpecFile+".part")
	if err := os.WriteFile(half, append(data, '\n'), 0o644); err != nil {
		return dir, fmt.Errorf("store the campaign: %w", err)
	}
	return dir, os.Rename(half, filepath.Join(dir, SpecFile))
}

// ReadSpec reads campaign.json of a folder.
func ReadSpec(dir string) (*Spec, error) {
	path := filepath.Join(dir, SpecFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no %s: is it a campaign's folder?", dir, SpecFile)
	}
	if err != nil {
		return nil, err
	}
	s := &Spec{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Find gives the folder of a store's newest campaign for "latest", and else the
// path as it is.
func Find(store, path string) (string, error) {
	if path != "latest" {
		return path, nil
	}
	all, err := Campaigns(store)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", fmt.Errorf("%s holds no campaign", store)
	}
	return all[len(all)-1], nil
}

// Campaigns are the folders of a store's campaigns, the oldest first.
func Campaigns(store string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(store, Folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var dirs []string
	for _, e := range entries { // by name, which begins with the time
		dir := filepath.Join(store, Folder, e.Name())
		if _, err := os.Stat(filepath.Join(dir, SpecFile)); err == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs, err
}
