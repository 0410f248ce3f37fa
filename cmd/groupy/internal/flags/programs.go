package flags

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/replay"
	"groupy/harness/run"
)

// AddTrust defines the flag by which a program that a folder from elsewhere names is
// started.
func AddTrust(cmd *cobra.Command, trust *bool) {
	cmd.Flags().BoolVar(trust, "trust", false, "start a program that a folder names which was not made by you on this machine")
}

// Programs gives what runs as a node, and the warden. A run of another program
// is replayed with that one, if the folder is this user's or is trusted.
func Programs(bin string, args []string, original *replay.Original, trust bool) (program, warden run.Program, err error) {
	self, err := os.Executable()
	if err != nil {
		return program, warden, exit.Broken(err)
	}
	warden = run.Program{Path: self, Args: []string{"warden"}}
	switch {
	case bin != "":
		if _, err := exec.LookPath(bin); err != nil {
			return program, warden, fmt.Errorf("--bin: %w", err)
		}
		return run.Program{Path: bin, Args: args}, warden, nil
	case len(args) > 0:
		return program, warden, fmt.Errorf("arguments %q are for a program: name it with --bin", args)
	case original != nil:
		if recorded, is, err := original.Program(trust); is || err != nil {
			return recorded, warden, err
		}
	}
	return run.Program{Path: self, Args: []string{"node", "--log-level", "debug"}}, warden, nil
}
