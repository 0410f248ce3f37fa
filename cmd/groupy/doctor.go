package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/ground"
)

const doctorLong = `Say what of this machine a network or a disk under any program needs, what is
missing, and how to allow it. What is tried is really done: namespaces are made,
devices are opened.

Exit codes: 0 nothing is missing, 1 something is.`

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "What this machine lets Groupy do, what is missing, and how to allow it",
		Long:  doctorLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			missing := 0
			for _, n := range ground.Needs {
				state := "ok"
				if err := n.Check(); err != nil {
					missing++
					state = "missing: " + strings.ReplaceAll(err.Error(), "\n", "; ")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", n.Name, n.Sentence, state)
			}
			if err := w.Flush(); err != nil {
				return exit.Broken(err)
			}
			if missing > 0 {
				return exit.With(1)
			}
			return nil
		},
	}
}
