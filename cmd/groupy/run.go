package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/node/contract"
)

const runExample = `  groupy run
  groupy run --protocol gms2 --nemesis kill-mid-multicast
  groupy run --nemesis kill,pause,isolate-leader --seed 7 --time-limit 30s
  groupy run --nemesis none --rate 1000
  groupy run --bin python3 -- harness/testdata/sequencer.py`

func runCommand() *cobra.Command {
	var f flags.Run
	var twice, live bool
	cmd := &cobra.Command{
		Use:     "run [flags] [-- ARGS of --bin]",
		Short:   "One run: plan, run, check, report",
		Example: runExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOnce(cmd, &f, args, twice, live)
		},
	}
	f.Add(cmd)
	cmd.Flags().BoolVar(&twice, "twice", false, "run it again and compare: a node that does not repeat itself in a virtual world is found out")
	cmd.Flags().BoolVar(&live, "watch", false, "serve a live page of the run while it goes, and print its address")
	return cmd
}

func runOnce(cmd *cobra.Command, f *flags.Run, args []string, twice, live bool) error {
	job, err := f.Job(cmd, args)
	if err != nil {
		return err
	}
	if twice && f.World == run.WorldReal {
		return errors.New("--twice compares histories byte for byte, which only --world lockstep and sim promise")
	}
	if job.Plan, err = plan.NewPlan(f.Options); err != nil {
		return err
	}
	if !f.JSON && !f.Detail.Quiet {
		text.PrintPlan(cmd.OutOrStdout(), job.Plan)
	}
	if live {
		end, err := watchJob(cmd.ErrOrStderr(), &job)
		if err != nil {
			return err
		}
		defer end()
	}
	watch := text.NewWatcher(cmd.ErrOrStderr())
	if !f.Detail.Quiet {
		job.Status = watch.Show
	}
	result, err := job.Execute(cmd.Context())
	watch.Clear()
	if result != nil {
		drawBeside(cmd.ErrOrStderr(), string(result.Folder), result.Judgement)
	}
	if err == nil && twice {
		err = again(cmd, job, result)
	}
	return tell(cmd, f, result, err)
}

// again runs a run's plan once more and compares the two histories.
func again(cmd *cobra.Command, job run.Job, first *run.Result) error {
	original := &replay.Original{Plan: job.Plan, Folder: first.Folder, Record: &first.Record}
	replayed, err := replay.Replay(cmd.Context(), job, original, 1)
	if err != nil {
		return err
	}
	if d := replayed.Parted(); d != nil {
		return fmt.Errorf("a node did not repeat itself: in the same run, done twice, %v", d)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "twice: identical")
	return nil
}

// tell prints how a run ended and gives its exit code.
func tell(cmd *cobra.Command, f *flags.Run, result *run.Result, err error) error {
	var breach *contract.Broken
	refused := errors.As(err, &breach) // then nothing was judged that could be told
	if result != nil && result.Judgement != nil {
		if f.JSON {
			if _, err := cmd.OutOrStdout().Write(result.Judgement.Encode()); err != nil {
				return exit.Broken(err)
			}
		} else if err == nil || !refused && result.Judgement.Stats.Installs > 0 { // else nothing happened that could be told
			text.PrintRun(cmd.OutOrStdout(), result, f.Detail)
		}
	}
	if result == nil && err != nil {
		return err // there is no store that could be made
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = errors.New("stopped before its end; the history up to here is in the run's folder")
		}
		if result != nil {
			if refused {
				return fmt.Errorf("%w\n  run:       %s", err, result.Folder)
			}
			err = fmt.Errorf("%w (%s)", err, result.Folder)
		}
		return exit.Broken(err)
	}
	return exit.With(result.Judgement.Verdict.ExitCode())
}
