package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/shrink"
)

const shrinkLong = `Find the smallest plan that still fails the same way, and tell its story.

What is not needed for the failure is taken away: all after the violation, whole
faults, clients and nodes, then single faults and operations; what is left is
made plainer. Candidates run in sim, those for a program of yours in lockstep. A run
of the real world is transplanted to there first, and its first violation stays what
is looked for; a failure that only the real world shows is tried there by a
sequential test, which takes long. The smallest plan is run on real processes in lockstep and kept.

Exit codes: 0 shrunk, 2 the run does not fail, 254 bad input, 255 the harness
broke.`

func shrinkCommand() *cobra.Command {
	var where, store, bin string
	var trust bool
	var options shrink.ShrinkOptions
	cmd := &cobra.Command{
		Use:     "shrink RUN|plan.json [flags] [-- ARGS of --bin]",
		Short:   "The smallest plan that still fails the same way",
		Long:    shrinkLong,
		Example: "  groupy run --world sim --protocol gms2 --nemesis kill-mid-multicast\n  groupy shrink store/latest",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			if where != "" && !slices.Contains(run.Worlds, where) {
				return fmt.Errorf("--world %q: there are %s", where, strings.Join(run.Worlds, ", "))
			}
			original, err := replay.OpenOriginal(args[0])
			if err != nil {
				return err
			}
			foreign := bin != "" || original.Record != nil && original.Record.Foreign
			if foreign && where == run.WorldSim {
				return errors.New("--world sim calls the built-in node in process; a program of yours is shrunk in lockstep or real")
			}
			job := run.Job{
				World: where, Store: store, Foreign: foreign, Log: log, Now: time.Now,
				Command: "groupy shrink " + quote(args[0]),
			}
			if job.Program, job.Warden, err = programs(bin, args[1:], original, trust); err != nil {
				return err
			}
			watch := newWatcher(cmd.ErrOrStderr())
			options.Show = watch.showShrink
			shrunk, err := shrink.Shrink(cmd.Context(), job, original, options)
			watch.clear()
			switch {
			case errors.Is(err, shrink.ErrSound):
				return &exit{code: checker.Unknown.ExitCode(), err: err}
			case err != nil:
				return broken(err)
			}
			drawBeside(cmd.ErrOrStderr(), string(shrunk.Run.Folder), shrunk.Run.Judgement)
			printShrunk(cmd.OutOrStdout(), shrunk)
			return nil
		},
	}
	addTrust(cmd, &trust)
	flags := cmd.Flags()
	flags.StringVar(&where, "world", "", "where candidates run: sim, lockstep or real (default: sim, or as the run needs it)")
	flags.StringVar(&store, "store", "store", "folder that keeps the runs")
	flags.StringVar(&bin, "bin", "", "the program under test (default: the original's, or the built-in node)")
	flags.DurationVar(&options.Budget, "budget", 20*time.Minute, "time after which the smallest plan so far is taken; 0: none")
	flags.IntVar(&options.Workers, "workers", 0, "candidates at a time in the virtual worlds; the result is the same (default: one per core)")
	return cmd
}

// showShrink takes the moment of a search; only a terminal shows it.
func (w *watcher) showShrink(s shrink.ShrinkStatus) {
	if w.width > 0 {
		w.began = true
		fmt.Fprintf(w.out, "\r\x1b[K%s tried; %s on %s left", count(s.Tried, "candidate"), count(s.Size.Units(), "unit"), count(s.Size.Nodes, "node"))
	}
}

// printShrunk tells what a shrinking came to: the story, the sizes before and
// after, what confirms it, and how to bring it back.
func printShrunk(out io.Writer, r *shrink.Shrunk) {
	for _, sentence := range r.Story {
		fmt.Fprintln(out, sentence)
	}
	b, a := r.Before, r.After
	fmt.Fprintf(out, "\nshrunk:    %s → %d (%s, %s); %s → %d; main phase %v → %v\n",
		count(b.Units(), "unit"), a.Units(), count(a.Faults, "fault"), count(a.Operations, "operation"),
		count(b.Nodes, "node"), a.Nodes, micros(b.MainMicros), micros(a.MainMicros))
	fmt.Fprintf(out, "search:    %s in %s, %.1f s\n", count(r.Tried, "candidate"), r.World, r.Took.Seconds())
	tellTransplant(out, r.Transplanted, r.Parting, r.Bare)
	if r.Seed != "" {
		fmt.Fprintf(out, "           the plan's own seed does not fail in sim; %s does\n", r.Seed)
	}
	if r.Test != "" {
		fmt.Fprintf(out, "           %s\n", r.Test)
	}
	if r.Stopped {
		fmt.Fprintln(out, "           the budget was used up: a longer search may find a smaller plan")
	}
	fmt.Fprintf(out, "confirmed: %s\n", confirmation(r))
	fmt.Fprintf(out, "run:       %s\n", r.Run.Folder)
	folder := quote(string(r.Run.Folder))
	if r.World != run.WorldReal {
		fmt.Fprintf(out, "again:     groupy replay %s --world lockstep\n", folder)
	}
	fmt.Fprintf(out, "for real:  groupy replay %s --world real --times 20\n", folder)
}

func confirmation(r *shrink.Shrunk) string {
	switch {
	case r.World == run.WorldReal:
		low, high := replay.Wilson(r.Rate, r.Runs)
		return fmt.Sprintf("%s violated in %d of %d runs in the real world (95%% confidence: %.0f%% to %.0f%%)", r.Wanted, r.Rate, r.Runs, 100*low, 100*high)
	case r.Identical:
		return fmt.Sprintf("%s violated in lockstep, on real processes; the history is that of sim, byte for byte", r.Wanted)
	}
	return fmt.Sprintf("%s violated in lockstep, on real processes", r.Wanted)
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
