package main

import (
	"errors"
	"fmt"
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
	"groupy/harness/shrink"
	"groupy/harness/store"
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
	var where, root, bin string
	var trust bool
	var options shrink.ShrinkOptions
	cmd := &cobra.Command{
		Use:     "shrink RUN|plan.json [flags] [-- ARGS of --bin]",
		Short:   "The smallest plan that still fails the same way",
		Long:    shrinkLong,
		Example: "  groupy run --world sim --protocol gms2 --nemesis kill-mid-multicast\n  groupy shrink store/latest",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := flags.Logger(cmd)
			if err != nil {
				return err
			}
			if where != "" && !slices.Contains(run.Worlds, where) {
				return fmt.Errorf("--world %q: there are %s", where, strings.Join(run.Worlds, ", "))
			}
			if args[0], err = store.Find(root, args[0]); err != nil {
				return err
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
				World: where, Store: root, Aside: true, Foreign: foreign, Log: log, Now: time.Now,
				Command: "groupy shrink " + text.Quote(args[0]),
			}
			if job.Program, job.Warden, err = flags.Programs(bin, args[1:], original, trust); err != nil {
				return err
			}
			watch := text.NewWatcher(cmd.ErrOrStderr())
			options.Show = watch.ShowShrink
			shrunk, err := shrink.Shrink(cmd.Context(), job, original, options)
			watch.Clear()
			switch {
			case errors.Is(err, shrink.ErrSound):
				return &exit.Error{Code: checker.Unknown.ExitCode(), Err: err}
			case err != nil:
				return exit.Broken(err)
			}
			drawBeside(cmd.ErrOrStderr(), string(shrunk.Run.Folder), shrunk.Run.Judgement)
			text.PrintShrunk(cmd.OutOrStdout(), shrunk)
			return nil
		},
	}
	flags.AddTrust(cmd, &trust)
	set := cmd.Flags()
	set.StringVar(&where, "world", "", "where candidates run: sim, lockstep or real (default: sim, or as the run needs it)")
	set.StringVar(&root, "store", "store", "folder that keeps the runs")
	set.StringVar(&bin, "bin", "", "the program under test (default: the original's, or the built-in node)")
	set.DurationVar(&options.Budget, "budget", 20*time.Minute, "time after which the smallest plan so far is taken; 0: none")
	set.IntVar(&options.Workers, "workers", 0, "candidates at a time in the virtual worlds; the result is the same (default: one per core)")
	return cmd
}
