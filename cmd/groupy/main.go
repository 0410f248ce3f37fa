// Command groupy tests replicated groups under faults. It turns flags into
// values and values into text; all else is in the packages.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Process exit codes, as Jepsen's. A verdict's own are 0, 1 and 2.
const (
	exitBadInput = 254 // bad arguments or unreadable input
	exitBroken   = 255 // the harness itself broke
)

// exit is an error that carries its exit code. An empty text prints nothing: the
// verdict was already printed.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// exitWith ends the program with an exit code and no further word; 0 is no error.
func exitWith(code int) error {
	if code == 0 {
		return nil
	}
	return &exit{code: code}
}

// broken marks an error as the harness's own failure.
func broken(err error) error { return &exit{code: exitBroken, err: err} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// execute runs one command line and gives its exit code.
func execute(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	code := exitBadInput // cobra's own errors are all about arguments
	var e *exit
	if errors.As(err, &e) {
		code = e.code
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(errOut, "groupy:", text)
	}
	return code
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "groupy",
		Short: "Find the bugs of replicated groups with faults, prove them, bring them back",
		Long: `Groupy runs real processes of a replicated group, kills, freezes and parts them,
and proves from the recorded history that total order, view synchrony, no loss
and no duplication held, or shows the few events that break them.

Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad arguments or input, 255 the
harness broke.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().String("log-level", "info", "trace, debug, info, warn, error or off")
	root.PersistentFlags().Bool("log-json", false, "write logs as JSON lines")
	for _, command := range commands {
		root.AddCommand(command())
	}
	return root
}

// commands is the visible list: adding a command is one file and one line.
var commands = []func() *cobra.Command{
	runCommand,
	campaignCommand,
	checkCommand,
	contractCommand,
	convertCommand,
	doctorCommand,
	initCommand,
	ladderCommand,
	listCommand,
	nodeCommand,
	regressCommand,
	replayCommand,
	searchCommand,
	runsCommand,
	reportCommand,
	transplantCommand,
	serveCommand,
	shrinkCommand,
	storeCommand,
	wardenCommand,
}
