package flags

import (
	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/text"
)

// AddDetail gives a command the flags of how much it tells.
func AddDetail(cmd *cobra.Command, d *text.Detail) {
	cmd.Flags().BoolVarP(&d.Verbose, "verbose", "v", false, "tell all: each property, the gates, what the history holds")
	cmd.Flags().BoolVarP(&d.Quiet, "quiet", "q", false, "tell the verdict and the folder alone")
	cmd.MarkFlagsMutuallyExclusive("verbose", "quiet")
}
