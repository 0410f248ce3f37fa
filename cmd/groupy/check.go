package main

import (
	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/store"
)

func checkCommand() *cobra.Command {
	var asJSON bool
	var detail text.Detail
	var o checker.Options
	var lin flags.Linear
	var from flags.Import
	var picture, root string
	var promise flags.Promise
	cmd := &cobra.Command{
		Use:   "check FILE|FOLDER|-",
		Short: "Judge a history file or a run folder",
		Long: `Judge a history (history.jsonl, also .zst) or a run folder. A folder's plan adds
the gates: a run in which too little happened is unknown; and its report is drawn
anew.

Histories and logs of others are judged too: see --format, and docs/importing.md.`,
		Example: "  groupy check store/latest\n  groupy check history.jsonl --json\n" +
			"  groupy check history.edn --model register\n  groupy check deliveries.csv --columns member=0,msg=2",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			judging, search, err := lin.Judging()
			if err != nil {
				return err
			}
			o.Search = judging.Search
			o.Words = promise
			if args[0] != "-" {
				if args[0], err = store.Find(root, args[0]); err != nil {
					return err
				}
			}
			switch picture {
			case "none":
			case "":
				picture = flags.PicturePath(args[0])
				fallthrough
			default:
				o.Draw = flags.Draws(search, picture, cmd.ErrOrStderr())
			}
			path, done, err := from.Open(args[0], &o)
			if err != nil {
				return err
			}
			defer done()
			j, err := store.Judge(path, o)
			if err != nil {
				return err
			}
			if asJSON {
				if _, err := cmd.OutOrStdout().Write(j.Encode()); err != nil {
					return exit.Broken(err)
				}
			} else {
				text.PrintJudged(cmd.OutOrStdout(), j, args[0], detail)
			}
			drawBeside(cmd.ErrOrStderr(), args[0], j)
			return exit.With(j.Verdict.ExitCode())
		},
	}
	cmd.Flags().StringVar(&root, "store", "store", "folder that keeps the runs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the verdict as JSON")
	flags.AddDetail(cmd, &detail)
	lin.Add(cmd)
	cmd.Flags().StringVar(&picture, "picture", "", "where the picture of the operations goes, none for no picture (default: linearizability.html beside the history, where it has operations)")
	cmd.Flags().StringVar(&o.Model, "model", "", "what operations are done on: NAME[:parameter=value,…] (see groupy list models)")
	_ = cmd.RegisterFlagCompletionFunc("model", flags.CompleteList(text.Models))
	from.Add(cmd)
	promise.Add(cmd)
	return cmd
}
