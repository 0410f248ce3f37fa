package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/history/foreign"
	"groupy/cmd/groupy/internal/flags"
	"groupy/harness/store"
)

func convertCommand() *cobra.Command {
	var to, output string
	var from flags.Import
	cmd := &cobra.Command{
		Use:   "convert FILE|FOLDER",
		Short: "Write a history in another notation",
		Long: `Write a history, ours or another's, as ours, or as Jepsen's in EDN or JSON, which
Knossos and Elle read. What is ours and has no place there is kept beside it, so
that the way back gives the same history.`,
		Example: "  groupy convert store/latest --to jepsen-edn -o history.edn\n  groupy convert deliveries.csv --columns member=0,msg=2",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, done, err := from.Open(args[0], new(checker.Options))
			if err != nil {
				return err
			}
			defer done()
			if file, err := store.Folder(path).History(); err == nil {
				path = file
			}
			r, err := history.Open(path)
			if err != nil {
				return err
			}
			defer r.Close()
			return writeTo(output, cmd.OutOrStdout(), func(out io.Writer) error { return foreign.Export(r, to, out) })
		},
	}
	from.Add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&to, "to", "groupy", "notation: "+strings.Join(foreign.Notations, ", "))
	flags.StringVarP(&output, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

// writeTo lets f write to the file, or to out if it has no name. A file that could
// not be written whole is taken away.
func writeTo(name string, out io.Writer, f func(io.Writer) error) error {
	if name == "" {
		buffered := bufio.NewWriter(out)
		if err := f(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("convert writes no file that is there already: %w", err)
	}
	err = f(file)
	if shut := file.Close(); err == nil {
		err = shut
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}
