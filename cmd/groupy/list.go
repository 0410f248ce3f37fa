package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/text"
)

func listCommand() *cobra.Command {
	var names []string
	for _, k := range text.Kinds {
		names = append(names, k.Name)
	}
	return &cobra.Command{
		Use:       "list [" + strings.Join(names, "|") + "]",
		Short:     "Protocols, workloads, faults, properties, promises and more, with their sentences",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, k := range text.Kinds {
				if len(args) == 0 || slices.Contains(args, k.Name) {
					text.PrintList(cmd.OutOrStdout(), k.Name, k.Entries(), len(args) == 0)
				}
			}
			return nil
		},
	}
}
