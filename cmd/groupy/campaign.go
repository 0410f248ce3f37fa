package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"groupy/checker"
	"groupy/harness"
)

func campaignCommand() *cobra.Command {
	var f runFlags
	var runs, parallel int
	var keep bool
	cmd := &cobra.Command{
		Use:   "campaign [flags] [-- ARGS of --bin]",
		Short: "Many runs with different seeds, side by side; every failure is kept",
		Example: `  groupy campaign --runs 1000 --world sim --nemesis all
  groupy campaign --runs 50 --protocol gms4 --nemesis kill,pause`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if runs < 1 {
				return fmt.Errorf("--runs %d: at least 1", runs)
			}
			job, err := f.job(cmd, args)
			if err != nil {
				return err
			}
			if parallel < 1 {
				parallel = runtime.GOMAXPROCS(0)
				if f.world == harness.WorldReal {
					parallel *= 2 // a real run mostly waits
				}
			}
			job.Command = strings.Replace(job.Command, "groupy campaign", "groupy run", 1)
			c := harness.Campaign{Job: job, Options: f.options, Runs: runs, Parallel: parallel, KeepAll: keep}
			return tellCampaign(cmd, c, f.json)
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.IntVar(&runs, "runs", 100, "number of runs")
	flags.IntVar(&parallel, "parallel", 0, "runs at a time (default: by the world and the processors)")
	flags.BoolVar(&keep, "keep-all", false, "keep the folders of passing runs too")
	return cmd
}

// tally is what a campaign has come to so far.
type tally struct {
	verdicts map[checker.Verdict]int
	first    map[harness.Signature]harness.CampaignRun
	count    map[harness.Signature]int
	unknown  map[string]int
	broken   int
	events   int64
	runs     int
}

func (t *tally) add(r harness.CampaignRun) {
	t.runs++
	t.events += r.Events
	if r.Broken != "" {
		t.broken++
	}
	if r.Verdict != "" {
		t.verdicts[r.Verdict]++
	}
	for _, code := range r.Unknown {
		t.unknown[code]++
	}
	if r.Signature == "" {
		return
	}
	if t.count[r.Signature]++; t.count[r.Signature] == 1 {
		t.first[r.Signature] = r
	}
}

// tellCampaign carries a campaign out, prints what fails as it fails and the sum
// at the end, and gives the exit code: one violation makes it 1 whatever else
// happened.
func tellCampaign(cmd *cobra.Command, c harness.Campaign, asJSON bool) error {
	out, began := cmd.OutOrStdout(), time.Now()
	t := &tally{
		verdicts: map[checker.Verdict]int{}, first: map[harness.Signature]harness.CampaignRun{},
		count: map[harness.Signature]int{}, unknown: map[string]int{},
	}
	enc := json.NewEncoder(out)
	live := liveLine(cmd.ErrOrStderr())
	err := c.Carry(cmd.Context(), func(r harness.CampaignRun) {
		t.add(r)
		switch {
		case asJSON:
			_ = enc.Encode(r) // a broken pipe shows at the end
		case r.Verdict != checker.Valid || r.Broken != "":
			live("")
			fmt.Fprintln(out, failureLine(r))
		}
		live(fmt.Sprintf("%d of %d runs: %d valid, %d invalid, %d unknown, %d broken",
			t.runs, c.Runs, t.verdicts[checker.Valid], t.verdicts[checker.Invalid], t.verdicts[checker.Unknown], t.broken))
	})
	live("")
	if !asJSON {
		printCampaign(out, t, c, time.Since(began))
	}
	switch {
	case t.verdicts[checker.Invalid] > 0:
		return verdict(checker.Invalid.ExitCode())
	case err != nil:
		return broken(errors.New("stopped before its end"))
	case t.broken > 0:
		return broken(fmt.Errorf("the harness broke in %d of %d runs", t.broken, t.runs))
	case t.verdicts[checker.Unknown] > 0:
		return verdict(checker.Unknown.ExitCode())
	}
	return nil
}

func failureLine(r harness.CampaignRun) string {
	what := string(r.Signature)
	if what == "" {
		what = strings.Join(r.Unknown, ", ")
	}
	if r.Broken != "" {
		what = "the harness broke: " + r.Broken
	}
	return fmt.Sprintf("%-8s seed %-12s %s  %s", r.Verdict, r.Seed, what, r.Folder)
}

func printCampaign(out io.Writer, t *tally, c harness.Campaign, took time.Duration) {
	fmt.Fprintf(out, "%d runs in %v, %d events: %d valid, %d invalid, %d unknown",
		t.runs, took.Round(time.Second), t.events, t.verdicts[checker.Valid], t.verdicts[checker.Invalid], t.verdicts[checker.Unknown])
	if t.broken > 0 {
		fmt.Fprintf(out, ", %d broken", t.broken)
	}
	fmt.Fprintf(out, "; campaign seed %s\n", c.Options.Seed)
	for _, code := range sortedKeys(t.unknown) {
		fmt.Fprintf(out, "  unknown in %d: %s\n", t.unknown[code], code)
	}
	for _, s := range sortedKeys(t.count) {
		first := t.first[s]
		low, high := harness.Wilson(t.count[s], t.runs)
		fmt.Fprintf(out, "\n%s violated in %d runs (95%% confidence: %.2g%% to %.2g%%), first with seed %s\n  groupy replay %s\n",
			s, t.count[s], 100*low, 100*high, first.Seed, quote(string(first.Folder)))
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// liveLine gives a function that writes over one line of a terminal, and does
// nothing elsewhere; the empty text removes the line.
func liveLine(out io.Writer) func(string) {
	file, ok := out.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(string) {}
	}
	return func(text string) { fmt.Fprintf(out, "\r\x1b[K%s", text) }
}

// newSeed is a seed for a run that was given none.
func newSeed() string { return strconv.FormatInt(time.Now().UnixNano()%1e9, 36) }
