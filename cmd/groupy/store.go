package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/text"
	"groupy/harness/index"
)

func storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Care for a store",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var store string
	rebuild := &cobra.Command{
		Use:   "rebuild",
		Short: "Make the store's database anew from its campaigns' journals",
		Long: `Make the store's database anew from its campaigns' journals. The journals and the
run folders are the evidence and are only read; the old database is replaced when
the new one is whole.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			campaigns, lines, err := index.Rebuild(store)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s, %s of their journals\n", text.Count(campaigns, "campaign"), text.Count(lines, "line"))
			return nil
		},
	}
	rebuild.Flags().StringVar(&store, "store", "store", "folder that keeps the runs")
	cmd.AddCommand(rebuild)
	return cmd
}
