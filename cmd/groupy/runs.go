package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/index"
	"groupy/harness/plan"
)

const runsLong = `Ask a store's database for the runs of all its campaigns.

The condition is any of SQL's over the columns campaign, number, protocol,
workload, nemesis, nodes, world, seed, verdict, signature, unknown, exit.Broken, folder,
events, at, took_ms and lag_us. Asking changes nothing.`

func runsCommand() *cobra.Command {
	var store, where, name string
	var limit int
	var asJSON, groups, coverage bool
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "The runs of a store's campaigns: those that a condition holds for",
		Long:  runsLong,
		Example: `  groupy runs --where "verdict = 'invalid' AND protocol = 'gms3'"
  groupy runs --groups
  groupy runs --coverage --campaign 20261123T013752.797-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if where != "" && (groups || coverage) {
				return errors.New("--where is for the list of runs, not for --groups or --coverage")
			}
			db, err := index.ReadDB(store)
			if err != nil {
				return err
			}
			defer db.Close()
			out := cmd.OutOrStdout()
			switch {
			case groups:
				return tellGroups(out, db, store, name, asJSON)
			case coverage:
				return tellCoverage(out, db, name, asJSON)
			}
			if name != "" {
				where = conjoin(where, "campaign = '"+strings.ReplaceAll(name, "'", "''")+"'")
			}
			return tellRuns(out, db, store, where, limit, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&store, "store", "store", "folder that keeps the runs")
	flags.StringVar(&where, "where", "", "an SQL condition")
	flags.StringVar(&name, "campaign", "", "only of this campaign: the name of its folder")
	flags.IntVar(&limit, "limit", 0, "this many runs at most; 0: all")
	flags.BoolVar(&groups, "groups", false, "the text.Kinds of failures instead, with text.Count, rate and the command that brings each back")
	flags.BoolVar(&coverage, "coverage", false, "which fault met which moment of the protocol instead, and how often")
	flags.BoolVar(&asJSON, "json", false, "print a JSON object for each")
	return cmd
}

func conjoin(where, and string) string {
	if where == "" {
		return and
	}
	return "(" + where + "\n) AND " + and
}

func tellRuns(out io.Writer, db *index.DB, store, where string, limit int, asJSON bool) error {
	rows, err := db.Runs(where, limit)
	if errors.Is(err, index.ErrCondition) {
		return fmt.Errorf("--where: %w", err)
	}
	if err != nil {
		return exit.Broken(err)
	}
	if asJSON {
		return encodeEach(out, rows)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		what := string(r.Signature)
		if what == "" {
			what = strings.Join(append(r.Unknown, r.Broken), " ")
		}
		folder := ""
		if r.Folder != "" {
			folder = filepath.Join(store, filepath.FromSlash(r.Folder))
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", r.Campaign, r.Number, r.Cell, r.Seed, r.Verdict, strings.TrimSpace(what), folder)
	}
	_ = w.Flush()
	fmt.Fprintln(out, text.Count(len(rows), "run"))
	return nil
}

func encodeEach[T any](out io.Writer, list []T) error {
	enc := json.NewEncoder(out)
	for _, x := range list {
		if err := enc.Encode(x); err != nil {
			return exit.Broken(err)
		}
	}
	return nil
}

func tellGroups(out io.Writer, db *index.DB, store, name string, asJSON bool) error {
	list, err := db.Failures(name)
	if err != nil {
		return exit.Broken(err)
	}
	if asJSON {
		return encodeEach(out, list)
	}
	for _, f := range list {
		text.PrintFailure(out, store, f)
	}
	fmt.Fprintf(out, "%s of failures\n", text.Count(len(list), "kind"))
	return nil
}

// tellCoverage prints, for each protocol, which of the faults that were asked for
// met which moment, and which have not.
func tellCoverage(out io.Writer, db *index.DB, name string, asJSON bool) error {
	if asJSON {
		met, err := db.Coverage(name)
		if err != nil {
			return exit.Broken(err)
		}
		return encodeEach(out, []map[string]plan.Coverage{met})
	}
	list, err := db.Opportunities(name)
	if err != nil {
		return exit.Broken(err)
	}
	for _, o := range list {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(out, "%s: %d of %d opportunities exercised\n", o.Protocol, o.Exercised, o.All)
		fmt.Fprintln(w, "fault\t"+strings.Join(plan.Moments, "\t"))
		for _, f := range o.Faults {
			row := []string{f.Fault}
			for _, n := range f.Met {
				text := "-"
				if n > 0 {
					text = strconv.Itoa(n)
				}
				row = append(row, text)
			}
			fmt.Fprintln(w, strings.Join(row, "\t"))
		}
		_ = w.Flush()
		fmt.Fprintln(out)
	}
	return nil
}
