package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"

	"github.com/spf13/cobra"
)

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
	if err != nil && err.Error() != "" {
		fmt.Fprintln(errOut, "groupy:", err)
	}
	return exit.Code(err)
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
	root.SetFlagErrorFunc(flags.Unknown)
	root.SetHelpCommand(helpCommand())
	cobra.EnableCommandSorting = false // the list's order says more
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.name, Title: g.name + ":"})
		for _, command := range g.commands {
			cmd := command()
			cmd.GroupID = g.name
			root.AddCommand(cmd)
		}
	}
	for _, command := range parts {
		root.AddCommand(command())
	}
	root.SetHelpCommandGroupID(more)
	root.SetCompletionCommandGroupID(more)
	return root
}

// helpCommand is cobra's, but for a word that names no command: that is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("no command %q", strings.Join(args, " "))
			}
			if err != nil {
				return err
			}
			return found.Help()
		},
	}
}

const more = "More"

// groups is the visible list, by what people do: adding a command is one file and
// one line.
var groups = []struct {
	name     string
	commands []func() *cobra.Command
}{
	{"Try", []func() *cobra.Command{runCommand, campaignCommand, ladderCommand}},
	{"Look", []func() *cobra.Command{checkCommand, reportCommand, serveCommand, runsCommand}},
	{"Bring back", []func() *cobra.Command{replayCommand, shrinkCommand, regressCommand}},
	{more, []func() *cobra.Command{contractCommand, listCommand, convertCommand, doctorCommand, nodeCommand, storeCommand}},
}

// parts are commands that nobody needs to know: what groupy starts of itself, and
// names that a command once had. None of them is shown.
var parts = []func() *cobra.Command{initCommand, searchCommand, transplantCommand, wardenCommand}
