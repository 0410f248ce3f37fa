package main

import (
	"github.com/spf13/cobra"

	"groupy/harness/ground"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "init",
		Short:  "Be process 1 of a node's own machine (used by groupy itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return ground.Init() },
	}
}
