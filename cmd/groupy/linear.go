package main

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
	"groupy/harness/run"
	"groupy/harness/store"
)

// searchCommand is the child in which groupy searches for linearizations.
func searchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    searchName,
		Short:  "Search for a linearization (used by groupy itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return watched.Serve(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

const searchName = "search-orders"

// linearFlags bound the search for linearizations.
type linearFlags struct {
	limit  time.Duration
	memory int64 // MB
}

func (f *linearFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.limit, "linear-timeout", watched.DefaultTime, "how long linearizability may be searched for, past which it is unknown")
	cmd.Flags().Int64Var(&f.memory, "linear-memory", watched.DefaultMemory>>20, "how many MB that search may hold, past which it is unknown")
}

// judging is how histories are judged: searches go to processes of their own.
func (f *linearFlags) judging() (checker.Options, watched.Config, error) {
	if f.limit <= 0 || f.memory <= 0 || f.memory > 1<<30 {
		return checker.Options{}, watched.Config{}, fmt.Errorf("--linear-timeout %v and --linear-memory %d: both are more than 0, and memory is in MB", f.limit, f.memory)
	}
	self, err := os.Executable()
	if err != nil {
		return checker.Options{}, watched.Config{}, broken(err)
	}
	c := watched.Config{Command: []string{self, searchName}, Time: f.limit, Memory: f.memory << 20}
	return checker.Options{Search: c.Searcher()}, c, nil
}

// draws gives what draws a picture into a file. What goes wrong is told and changes
// nothing else.
func draws(c watched.Config, path string, tell io.Writer) func(*linear.Picture) {
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

// picturePath is where the picture of a judged history goes: into the run's folder,
// or beside the history, under its name.
func picturePath(judged string) string {
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
func (f *linearFlags) judge(job *run.Job) error {
	o, c, err := f.judging()
	job.Judging, job.Page = o, c.Page
	return err
}

// usualJudging is for commands that have no flags for it.
var usualJudging = linearFlags{limit: watched.DefaultTime, memory: watched.DefaultMemory >> 20}
