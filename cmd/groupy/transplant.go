package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

const transplantLong = `Turn a recorded run of the real world into a plan for the virtual ones.

The plan holds the operations and faults at the times and on the nodes of that
run, and when everything reached the nodes then. It is run once in the simulated
world, which tells whether the verdict is the same there; nearly always it is.
From there the failure can be replayed and shrunk at the simulator's speed.`

func transplantCommand() *cobra.Command {
	var root, out string
	cmd := &cobra.Command{
		Use:     "transplant RUN [-o plan.json]",
		Short:   "Turn a recorded real run into a plan for the simulated world",
		Long:    transplantLong,
		Example: "  groupy transplant store/latest -o plan.json && groupy shrink plan.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			plan, err := replay.Transplant(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				if err := os.WriteFile(out, plan.Encode(), 0o644); err != nil {
					return err
				}
			}
			was, err := store.Judge(args[0], checker.Options{})
			if err != nil {
				return err
			}
			job := run.Job{
				Plan: plan, World: run.WorldSim, Store: root, Log: log, Now: time.Now,
				Command: "groupy transplant " + quote(args[0]),
			}
			if job.Program, job.Warden, err = programs("", nil, nil, false); err != nil {
				return err
			}
			result, err := job.Execute(cmd.Context())
			if err != nil {
				return broken(err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "real:    %s\nsim:     %s\nrun:     %s\n", told(was), told(result.Judgement), result.Folder)
			if wanted := verdict.SignatureOf(was); wanted != "" && !wanted.Has(result.Judgement) || was.Verdict != result.Judgement.Verdict {
				return broken(errors.New("the verdict is not the same in the simulated world"))
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
