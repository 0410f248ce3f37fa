package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"groupy/harness/report"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

func reportCommand() *cobra.Command {
	var root string
	cmd := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Draw a run folder as one page of HTML",
		Long: `Draw a run folder as report.html beside its verdict: one file that opens from disk
and loads nothing. Without RUN it is store/latest.`,
		Example: "  groupy report\n  groupy report store/latest",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := store.Latest
			if len(args) > 0 {
				name = args[0]
			}
			folder, err := store.Find(root, name)
			if err != nil {
				return err
			}
			if err := report.Draw(folder, nil); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(folder, report.File))
			return nil
		},
	}
	cmd.Flags().StringVar(&root, "store", "store", "folder that keeps the runs")
	return cmd
}

// drawReport draws a page beside a verdict. It is a variable so that tests can
// break it.
var drawReport = report.Draw

// drawBeside draws the report of a run folder. It is the last thing that a command
// does with a run, and says so if it fails: the verdict and the exit code stay
// what they are.
func drawBeside(errOut io.Writer, folder string, j *verdict.Judgement) {
	if j == nil {
		return
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return // a bare history has no folder of its own
	}
	if err := drawReport(folder, j); err != nil {
		fmt.Fprintf(errOut, "no report, but the verdict stands: %v\n", err)
	}
}
