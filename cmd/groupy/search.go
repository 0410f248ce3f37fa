package main

import (
	"github.com/spf13/cobra"

	"groupy/checker/linear/watched"
	"groupy/cmd/groupy/internal/flags"
)

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
