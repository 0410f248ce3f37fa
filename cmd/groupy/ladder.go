package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/harness/ladder"
	"groupy/harness/run"
	"groupy/harness/system"
)

// ladderFlags are the flags of the ladder as they are typed.
type ladderFlags struct {
	protocols []string
	classes   []string
	parallel  int
	store     string
	world     string
}

func ladderCommand() *cobra.Command {
	var f ladderFlags
	cmd := &cobra.Command{
		Use:   "ladder",
		Short: "Every protocol under every class of faults, against what must hold and break",
		Long: `Put each protocol into each of the situations that it must survive or must not
(docs/protocol.md, F0 to F12) and print, for every property, the sign expected and the
sign found: + holds, - is exit.Broken, ? may be either, or could not be told. A ! marks
what does not fit; then the exit code is 1.`,
		Example: "  groupy ladder\n  groupy ladder --protocol gms2,gms3 --class F2,F3\n  groupy ladder --world sim",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return climbLadder(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.protocols, "protocol", system.LevelNames(), "protocols")
	flags.StringSliceVar(&f.classes, "class", nil, "fault classes (default: all)")
	flags.IntVar(&f.parallel, "parallel", 5, "runs at a time; they mostly wait")
	flags.StringVar(&f.store, "store", "store", "folder that keeps the runs")
	flags.StringVar(&f.world, "world", run.WorldReal, "where they run: "+strings.Join(run.Worlds, ", "))
	return cmd
}

func climbLadder(cmd *cobra.Command, f ladderFlags) error {
	for _, name := range f.protocols {
		if !slices.Contains(system.LevelNames(), name) {
			return fmt.Errorf("--protocol %q: there are %s", name, strings.Join(system.LevelNames(), ", "))
		}
	}
	if !slices.Contains(run.Worlds, f.world) {
		return fmt.Errorf("--world %q: there are %s", f.world, strings.Join(run.Worlds, ", "))
	}
	classes := ladder.Classes
	if len(f.classes) > 0 {
		classes = nil
		for _, name := range f.classes {
			c, err := ladder.FindClass(name)
			if err != nil {
				return fmt.Errorf("--class: %w", err)
			}
			classes = append(classes, c)
		}
	}
	log, err := flags.Logger(cmd)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return exit.Broken(err)
	}
	job := run.Job{
		World: f.world, Store: f.store, Aside: true, Log: log, Now: time.Now,
		Program: run.Program{Path: self, Args: []string{"node", "--log-level", "debug"}},
		Warden:  run.Program{Path: self, Args: []string{"warden"}},
	}
	if err := flags.UsualJudging.Judge(&job); err != nil {
		return err
	}
	cells := ladder.Climb(cmd.Context(), job, f.protocols, classes, f.parallel, func(c ladder.Cell) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s %s: %s\n", c.Level, c.Class, outcome(c))
	})
	ladder.PrintCells(cmd.OutOrStdout(), cells)
	code := 0
	for _, c := range cells {
		switch {
		case c.Err != nil && code == 0:
			code = 2
		case len(c.Wrong()) > 0:
			code = 1
		}
	}
	if err := cmd.Context().Err(); err != nil {
		return exit.Broken(errors.New("stopped before its end"))
	}
	return exit.With(code)
}

func outcome(c ladder.Cell) string {
	switch wrong := c.Wrong(); {
	case c.Err != nil:
		return c.Err.Error()
	case len(wrong) > 0:
		return fmt.Sprintf("%d properties are not as expected", len(wrong))
	}
	return "as expected"
}
