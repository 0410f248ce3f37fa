package main

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/node/runtime"
)

const nodeLong = `The built-in node: one member of a group, as the harness starts it.

It reads one JSON object per line from stdin, answers on stdout and logs to
stderr. It has no door but this contract, so it can be driven by hand:

  groupy node
  {"src":"harness","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","incarnation":1,"node_ids":["n1"],"transport":"tcp","clock":"real","listen":"127.0.0.1:0","peers":{},"config":{"protocol":"gms3","app":"colour"}}}
  {"src":"harness","dest":"n1","body":{"type":"join","msg_id":2,"contacts":[]}}
  {"src":"c1","dest":"n1","body":{"type":"multicast","msg_id":1,"msg":"m1","payload":42}}
  {"src":"harness","dest":"n1","body":{"type":"shutdown","msg_id":3}}

It exits when stdin ends.`

// nodeGC is a node's GOGC in percent. What it keeps is a few megabytes, and under load
// it makes garbage by the hundred megabytes a second: with Go's default of 100 a third
// of its time went to the collector.
const nodeGC = 400

// nodeCommand is the built-in node. Its log is louder than that of the other
// commands, since what it says is kept in the run folder.
func nodeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "node",
		Short: "The built-in node: the contract on stdin and stdout",
		Long:  nodeLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A node has nothing to tidy up, so a signal ends it at once, as by default.
			signal.Reset(syscall.SIGINT, syscall.SIGTERM)
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(nodeGC)
			}
			log, err := flags.Logger(cmd)
			if err != nil {
				return err
			}
			code := runtime.Run(runtime.Process{
				Stdin:  cmd.InOrStdin(),
				Stdout: cmd.OutOrStdout(),
				Log:    log,
				Now:    time.Now,
			})
			if code != 0 {
				return &exit.Error{Code: code}
			}
			return nil
		},
	}
	cmd.Flags().String("log-level", "info", "trace, debug, info, warn, error or off")
	return cmd
}
