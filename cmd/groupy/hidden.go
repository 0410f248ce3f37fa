package main

import (
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"groupy/checker/linear/watched"
	"groupy/cmd/groupy/internal/flags"
	"groupy/harness/ground"
	"groupy/harness/run"
)

// Parts that groupy starts itself, as processes of their own.

// wardenCommand is the process that outlives a harness that was killed.
func wardenCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "warden",
		Short:  "End what a killed harness had started (used by groupy itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// It ends with its harness's pipe and with nothing else.
			signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			run.Warden(cmd.InOrStdin())
			return nil
		},
	}
}

// initCommand is process 1 of a node's own machine.
func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "init",
		Short:  "Be process 1 of a node's own machine (used by groupy itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return ground.Init() },
	}
}

// searchCommand is the child in which groupy searches for linearizations.
func searchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    flags.SearchName,
		Short:  "Search for a linearization (used by groupy itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return watched.Serve(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
