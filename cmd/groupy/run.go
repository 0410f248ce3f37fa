package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
	var f runFlags
	var twice, live bool
	cmd := &cobra.Command{
		Use:     "run [flags] [-- ARGS of --bin]",
		Short:   "One run: plan, run, check, report",
		Example: runExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOnce(cmd, &f, args, twice, live)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&twice, "twice", false, "run it again and compare: a node that does not repeat itself in a virtual world is found out")
	cmd.Flags().BoolVar(&live, "watch", false, "serve a live page of the run while it goes, and print its address")
	return cmd
}

func runOnce(cmd *cobra.Command, f *runFlags, args []string, twice, live bool) error {
	job, err := f.job(cmd, args)
	if err != nil {
		return err
	}
	if twice && f.world == run.WorldReal {
		return errors.New("--twice compares histories byte for byte, which only --world lockstep and sim promise")
	}
	if job.Plan, err = plan.NewPlan(f.options); err != nil {
		return err
	}
	if !f.json {
		printPlan(cmd.OutOrStdout(), job.Plan)
	}
	if live {
		end, err := watchJob(cmd.ErrOrStderr(), &job)
		if err != nil {
			return err
		}
		defer end()
	}
	watch := newWatcher(cmd.ErrOrStderr())
	job.Status = watch.show
	result, err := job.Execute(cmd.Context())
	watch.clear()
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
func tell(cmd *cobra.Command, f *runFlags, result *run.Result, err error) error {
	var breach *contract.Broken
	refused := errors.As(err, &breach) // then nothing was judged that could be told
	if result != nil && result.Judgement != nil {
		if f.json {
			if _, err := cmd.OutOrStdout().Write(result.Judgement.Encode()); err != nil {
				return broken(err)
			}
		} else if err == nil || !refused && result.Judgement.Stats.Installs > 0 { // else nothing happened that could be told
			printRun(cmd.OutOrStdout(), result)
		}
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
		return broken(err)
	}
	return exitWith(result.Judgement.Verdict.ExitCode())
}

// commandLine is the command that brings a run back: the flags that were given,
// and the seed in any case.
func commandLine(cmd *cobra.Command, seed string, args []string) string {
	words := []string{"groupy", cmd.Name()}
	if !cmd.Flags().Changed("seed") {
		words = append(words, "--seed="+quote(seed))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "watch" { // it shows the run and is no part of it
			words = append(words, "--"+f.Name+"="+quote(f.Value.String()))
		}
	})
	if len(args) > 0 {
		words = append(words, "--")
		for _, a := range args {
			words = append(words, quote(a))
		}
	}
	return strings.Join(words, " ")
}

// quote makes a word safe for a shell.
func quote(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=+%@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
