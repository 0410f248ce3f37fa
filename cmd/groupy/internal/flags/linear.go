package flags

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/checker/linear"
	"groupy/checker/linear/watched"
	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/run"
	"groupy/harness/store"
)

const SearchName = "search-orders"

// Linear bound the search for linearizations.
type Linear struct {
	limit  time.Duration
	memory int64 // MB
}

func (f *Linear) Add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.limit, "linear-timeout", watched.DefaultTime, "how long linearizability may be searched for, past which it is unknown")
	cmd.Flags().Int64Var(&f.memory, "linear-memory", watched.DefaultMemory>>20, "how many MB that search may hold, past which it is unknown")
}

// judging is how histories are judged: searches go to processes of their own.
func (f *Linear) Judging() (checker.Options, watched.Config, error) {
	if f.limit <= 0 || f.memory <= 0 || f.memory > 1<<30 {
		return checker.Options{}, watched.Config{}, fmt.Errorf("--linear-timeout %v and --linear-memory %d: both are more than 0, and memory is in MB", f.limit, f.memory)
	}
	self, err := os.Executable()
	if err != nil {
		return checker.Options{}, watched.Config{}, exit.Broken(err)
	}
	c := watched.Config{Command: []string{self, SearchName}, Time: f.limit, Memory: f.memory << 20}
	return checker.Options{Search: c.Searcher()}, c, nil
}

// Draws gives what draws a picture into a file. What goes wrong is told and changes
// nothing else.
func Draws(c watched.Config, path string, tell io.Writer) func(*linear.Picture) {
	return func(p *linear.Picture) {
		page, err := c.Page(p)
		if err == nil {
			err = os.WriteFile(path, page, 0o644)
		}
		if err != nil {
			fmt.Fprintln(tell, "groupy: no picture of the operations:", err)
		}
	}
}

// PicturePath is where the picture of a judged history goes: into the run's folder,
// or beside the history, under its name.
func PicturePath(judged string) string {
	if info, err := os.Stat(judged); err == nil && info.IsDir() {
		return filepath.Join(judged, store.PictureFile)
	}
	base := strings.TrimSuffix(filepath.Base(judged), ".zst")
	base = strings.TrimSuffix(base, filepath.Ext(base))
	if base == "history" {
		return filepath.Join(filepath.Dir(judged), store.PictureFile)
	}
	return filepath.Join(filepath.Dir(judged), base+"."+store.PictureFile)
}

// judge has a job's runs judged, and drawn into their folders.
func (f *Linear) Judge(job *run.Job) error {
	o, c, err := f.Judging()
	job.Judging, job.Page = o, c.Page
	return err
}

// UsualJudging is for commands that have no flags for it.
var UsualJudging = Linear{limit: watched.DefaultTime, memory: watched.DefaultMemory >> 20}
