package main

import (
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"groupy/harness/run"
)

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
