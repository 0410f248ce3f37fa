package flags

import (
	"strings"

	"groupy/cmd/groupy/internal/text"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// CommandLine is the command that brings a run back: the flags that were given,
// and the seed in any case.
func CommandLine(cmd *cobra.Command, seed string, args []string) string {
	words := []string{"groupy", cmd.Name()}
	if !cmd.Flags().Changed("seed") {
		words = append(words, "--seed="+text.Quote(seed))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "watch" { // it shows the run and is no part of it
			words = append(words, "--"+f.Name+"="+text.Quote(f.Value.String()))
		}
	})
	if len(args) > 0 {
		words = append(words, "--")
		for _, a := range args {
			words = append(words, text.Quote(a))
		}
	}
	return strings.Join(words, " ")
}
