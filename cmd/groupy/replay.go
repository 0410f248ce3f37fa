package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
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
)

const replayLong = `Run a saved plan again: that of a run folder, or a plan.json.

In the virtual worlds (lockstep, sim) the same plan gives the same history, byte
for byte; replay says «identical», or shows the first line that differs. In the real
world the plan is the same and the rest is the machine's: replay counts in how many
of the runs the failure came back, with the 95% confidence interval of its rate, and
promises no more than that.

A run of the real world is transplanted for a virtual one: its operations, faults,
messages and timers come when they came there. Replay says whether each member and
each operation did the same, and whether the same promises are violated by the same
witness; where the two runs part, it shows the first difference and exits with 2. A
plan.json, or a run that was not recorded, runs as it is written.

With --recorded nothing is run: the inputs that the nodes of a real run recorded
are given to fresh nodes in process, which must do the same again, frame by
frame, and give the same history, byte for byte. That says «exact», or shows the
first difference and exits with 1.`

func replayCommand() *cobra.Command {
	var where, root, bin string
	var network, disk string
	var promise flags.Promise
	var capture int64
	var times int
	var recorded, trust bool
	cmd := &cobra.Command{
		Use:     "replay RUN|plan.json [flags] [-- ARGS of --bin]",
		Short:   "Run a saved plan again, and say whether it ended the same",
		Long:    replayLong,
		Example: "  groupy replay store/latest\n  groupy replay store/latest --world sim\n  groupy replay plan.json --world real --times 20",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := flags.Logger(cmd)
			if err != nil {
				return err
			}
			if times < 1 {
				return fmt.Errorf("--times %d: at least 1", times)
			}
			if args[0], err = store.Find(root, args[0]); err != nil {
				return err
			}
			if recorded {
				return replayRecorded(cmd.OutOrStdout(), args[0])
			}
			original, err := replay.OpenOriginal(args[0])
			if err != nil {
				return err
			}
			if where == "" {
				where = run.WorldReal
				if original.Record != nil {
					where = original.Record.World
				}
			}
			if !slices.Contains(run.Worlds, where) {
				return fmt.Errorf("--world %q: there are %s", where, strings.Join(run.Worlds, ", "))
			}
			if network != "" {
				if where != run.WorldReal {
					return fmt.Errorf("--network %s: --world %s simulates its network", network, where)
				}
				if _, err := run.FindNetwork(network); err != nil {
					return fmt.Errorf("--network: %w", err)
				}
				original.Plan.Network = network
			}
			job := run.Job{Capture: capture << 20, World: where, Store: root, Aside: true, Log: log, Now: time.Now, Command: "groupy replay " + text.Quote(args[0]) + " --world " + where}
			if err := flags.UsualJudging.Judge(&job); err != nil {
				return err
			}
			if promise != nil {
				job.Judging.Words = promise
				if _, err := original.Plan.Promised(promise); err != nil {
					return fmt.Errorf("--promise: %w", err)
				}
				job.Command += " --promise=" + text.Quote(promise.String())
			}
			if job.Program, job.Warden, err = flags.Programs(bin, args[1:], original, trust); err != nil {
				return err
			}
			job.Foreign = bin != "" || original.Record != nil && original.Record.Foreign
			for _, change := range original.Stale(job) {
				fmt.Fprintln(cmd.ErrOrStderr(), "stale:", change)
			}
			if disk != "" {
				if err := original.OnDisk(disk); err != nil {
					return fmt.Errorf("--disk: %w", err)
				}
				job.Command += " --disk " + disk
			}
			watch := text.NewWatcher(cmd.ErrOrStderr())
			job.Status = watch.Show
			replayed, err := replay.Replay(cmd.Context(), job, original, times)
			watch.Clear()
			if err != nil {
				return exit.Broken(err)
			}
			return tellReplay(cmd.OutOrStdout(), where, replayed)
		},
	}
	cmd.Flags().StringVar(&where, "world", "", "where it runs: real, lockstep or sim (default: where the original ran)")
	flags.AddNetwork(cmd, &network, &capture)
	flags.AddTrust(cmd, &trust)
	promise.Add(cmd)
	flags.AddDisk(cmd, &disk)
	cmd.Flags().BoolVar(&recorded, "recorded", false, "rebuild a real run from what its nodes recorded, instead of running its plan again")
	cmd.Flags().IntVar(&times, "times", 1, "how often")
	cmd.Flags().StringVar(&root, "store", "store", "folder that keeps the runs")
	cmd.Flags().StringVar(&bin, "bin", "", "the program under test (default: the original's, or the built-in node)")
	return cmd
}

// replayRecorded rebuilds a recorded run and tells whether it came out the same.
func replayRecorded(out io.Writer, folder string) error {
	r, err := replay.ReplayRecorded(folder)
	if err != nil {
		return err
	}
	if r.Parted != "" {
		fmt.Fprintln(out, "diverged:", r.Parted)
		if original, err := replay.OpenOriginal(folder); err == nil {
			if self, err := os.Executable(); err == nil {
				for _, change := range original.Stale(run.Job{Program: run.Program{Path: self}}) {
					fmt.Fprintln(out, "stale:", change)
				}
			}
		}
		return exit.With(1)
	}
	fmt.Fprintf(out, "exact: %d processes, %d steps, %d lines of history", r.Processes, r.Frames, r.Events)
	if r.Unseen > 0 {
		fmt.Fprintf(out, "; %d lines of killed processes were recorded and never seen", r.Unseen)
	}
	fmt.Fprintln(out)
	return nil
}

// tellReplay prints how the runs ended and gives the exit code.
func tellReplay(out io.Writer, where string, r *replay.Replayed) error {
	for _, run := range r.Runs {
		fmt.Fprintf(out, "%-8s %s\n", run.Judgement.Verdict, run.Folder)
	}
	if r.Wanted != "" {
		low, high := replay.Wilson(r.Shown, len(r.Runs))
		fmt.Fprintf(out, "%s was violated in %d of %d runs (95%% confidence: %.0f%% to %.0f%%)\n",
			r.Wanted, r.Shown, len(r.Runs), 100*low, 100*high)
	}
	if where == run.WorldReal {
		return exit.With(r.Verdict().ExitCode())
	}
	if d := r.Parted(); d != nil {
		fmt.Fprintln(out, d)
		return exit.Broken(errors.New("the same plan gave another history: the node or the harness broke the rule of repeatability"))
	}
	if text.PrintTransplant(out, r.Transplanted != nil, r.Parting, r.Bare); r.Parting != nil {
		return exit.With(checker.Unknown.ExitCode())
	}
	if r.Transplanted == nil || len(r.Runs) > 1 {
		fmt.Fprintln(out, "identical")
	}
	return exit.With(r.Verdict().ExitCode())
}
