package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/harness/replay"
	"groupy/harness/run"
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
	var where, store, bin string
	var network string
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
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			if times < 1 {
				return fmt.Errorf("--times %d: at least 1", times)
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
			if network != "" {
				if where != run.WorldReal {
					return fmt.Errorf("--network %s: --world %s simulates its network", network, where)
				}
				if _, err := run.FindNetwork(network); err != nil {
					return fmt.Errorf("--network: %w", err)
				}
				original.Plan.Network = network
			}
			job := run.Job{Capture: capture << 20, World: where, Store: store, Log: log, Now: time.Now, Command: "groupy replay " + quote(args[0]) + " --world " + where}
			if err := usualJudging.judge(&job); err != nil {
				return err
			}
			if job.Program, job.Warden, err = programs(bin, args[1:], original, trust); err != nil {
				return err
			}
			job.Foreign = bin != "" || original.Record != nil && original.Record.Foreign
			for _, change := range original.Stale(job) {
				fmt.Fprintln(cmd.ErrOrStderr(), "stale:", change)
			}
			watch := newWatcher(cmd.ErrOrStderr())
			job.Status = watch.show
			replayed, err := replay.Replay(cmd.Context(), job, original, times)
			watch.clear()
			if err != nil {
				return broken(err)
			}
			return tellReplay(cmd.OutOrStdout(), where, replayed)
		},
	}
	cmd.Flags().StringVar(&where, "world", "", "where it runs: real, lockstep or sim (default: where the original ran)")
	addNetwork(cmd, &network, &capture)
	addTrust(cmd, &trust)
	cmd.Flags().BoolVar(&recorded, "recorded", false, "rebuild a real run from what its nodes recorded, instead of running its plan again")
	cmd.Flags().IntVar(&times, "times", 1, "how often")
	cmd.Flags().StringVar(&store, "store", "store", "folder that keeps the runs")
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
		return exitWith(1)
	}
	fmt.Fprintf(out, "exact: %d processes, %d steps, %d lines of history", r.Processes, r.Frames, r.Events)
	if r.Unseen > 0 {
		fmt.Fprintf(out, "; %d lines of killed processes were recorded and never seen", r.Unseen)
	}
	fmt.Fprintln(out)
	return nil
}

// addTrust defines the flag by which a program that a folder from elsewhere names is
// started.
func addTrust(cmd *cobra.Command, trust *bool) {
	cmd.Flags().BoolVar(trust, "trust", false, "start a program that a folder names which was not made by you on this machine")
}

// programs gives what runs as a node, and the warden. A run of another program
// is replayed with that one, if the folder is this user's or is trusted.
func programs(bin string, args []string, original *replay.Original, trust bool) (program, warden run.Program, err error) {
	self, err := os.Executable()
	if err != nil {
		return program, warden, broken(err)
	}
	warden = run.Program{Path: self, Args: []string{"warden"}}
	switch {
	case bin != "":
		if _, err := exec.LookPath(bin); err != nil {
			return program, warden, fmt.Errorf("--bin: %w", err)
		}
		return run.Program{Path: bin, Args: args}, warden, nil
	case len(args) > 0:
		return program, warden, fmt.Errorf("arguments %q are for a program: name it with --bin", args)
	case original != nil:
		if recorded, is, err := original.Program(trust); is || err != nil {
			return recorded, warden, err
		}
	}
	return run.Program{Path: self, Args: []string{"node", "--log-level", "debug"}}, warden, nil
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
		return exitWith(r.Verdict().ExitCode())
	}
	if d := r.Parted(); d != nil {
		fmt.Fprintln(out, d)
		return broken(errors.New("the same plan gave another history: the node or the harness broke the rule of repeatability"))
	}
	if tellTransplant(out, r.Transplanted != nil, r.Parting, r.Bare); r.Parting != nil {
		return exitWith(checker.Unknown.ExitCode())
	}
	if r.Transplanted == nil || len(r.Runs) > 1 {
		fmt.Fprintln(out, "identical")
	}
	return exitWith(r.Verdict().ExitCode())
}

// tellTransplant says whether the run in the virtual world is the real one.
func tellTransplant(out io.Writer, transplanted bool, parting *replay.Parting, bare string) {
	switch {
	case bare != "":
		fmt.Fprintf(out, "not transplanted: %s\nthe plan runs as it was written, which is another run than the real one\n", bare)
	case parting != nil:
		kept := "and it does not fail as the real one did"
		if parting.Kept {
			kept = "and it fails by the same witness"
		}
		fmt.Fprintf(out, "parted: the transplanted run is not the real one, %s; they differ first at\n%s\n", kept, parting)
	case transplanted:
		fmt.Fprintln(out, "transplanted: each member and each operation did what it did in the real run, and the verdicts and witnesses are the same")
	}
}
