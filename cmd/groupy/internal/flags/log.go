package flags

import (
	"fmt"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

// Logger makes the logger that the persistent flags ask for, on the command's
// stderr.
func Logger(cmd *cobra.Command) (hclog.Logger, error) {
	text, _ := cmd.Flags().GetString("log-level")
	level := hclog.LevelFromString(text)
	if level == hclog.NoLevel {
		return nil, fmt.Errorf("--log-level %q: trace, debug, info, warn, error or off", text)
	}
	asJSON, _ := cmd.Flags().GetBool("log-json")
	return hclog.New(&hclog.LoggerOptions{
		Name:       cmd.Name(),
		Level:      level,
		JSONFormat: asJSON,
		Output:     cmd.ErrOrStderr(),
	}), nil
}
