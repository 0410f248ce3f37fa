package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// transplantCommand is what replay --world sim does of itself, under the name that it
// had when it was a command that one must know.
func transplantCommand() *cobra.Command {
	var root, out string
	cmd := &cobra.Command{
		Use:     "transplant RUN [-o plan.json]",
		Short:   "Run a recorded real run again in the simulated world, as replay --world sim does",
		Long:    "Run a recorded real run again in the simulated world, as replay --world sim does.\nIt exits with 0 if that is the same run, and with 2 where the two part.",
		Example: "  groupy transplant store/latest -o plan.json && groupy shrink plan.json",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := flags.Logger(cmd)
			if err != nil {
				return err
			}
			if args[0], err = store.Find(root, args[0]); err != nil {
				return err
			}
			original, err := replay.OpenOriginal(args[0])
			if err != nil {
				return err
			}
			was, err := store.Judge(args[0], checker.Options{})
			if err != nil {
				return err
			}
			job := run.Job{World: run.WorldSim, Store: root, Aside: true, Log: log, Now: time.Now, Command: "groupy transplant " + text.Quote(args[0])}
			if job.Program, job.Warden, err = flags.Programs("", nil, nil, false); err != nil {
				return err
			}
			r, err := replay.Replay(cmd.Context(), job, original, 1)
			switch {
			case err != nil:
				return exit.Broken(err)
			case r.Transplanted == nil:
				return fmt.Errorf("%s cannot be transplanted: %s", args[0], r.Bare)
			}
			if out != "" {
				if err := os.WriteFile(out, r.Transplanted.Plan.Encode(), 0o644); err != nil {
					return err
				}
			}
			is := r.Runs[0]
			fmt.Fprintf(cmd.OutOrStdout(), "real:    %s\nsim:     %s\nrun:     %s\n", told(was), told(is.Judgement), is.Folder)
			if r.Parting != nil {
				text.PrintTransplant(cmd.OutOrStdout(), true, r.Parting, "")
				return exit.With(checker.Unknown.ExitCode())
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write the plan to this file, too")
	cmd.Flags().StringVar(&root, "store", "store", "folder that keeps the run in the simulated world")
	return cmd
}

// told is a judgement in a few words.
func told(j *verdict.Judgement) string {
	var violated []string
	for _, p := range checker.Properties {
		if r := j.Properties[p.Name]; r.Promised && r.Verdict == checker.Invalid {
			violated = append(violated, p.Name)
		}
	}
	if len(violated) == 0 {
		return string(j.Verdict)
	}
	return fmt.Sprintf("%s (%s)", j.Verdict, strings.Join(violated, ", "))
}
