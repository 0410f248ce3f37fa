package text

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"groupy/harness/campaign"
	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/harness/why"
)

// Summary is a campaign's last JSON object.
type Summary struct {
	Campaign  string                   `json:"campaign"` // its folder
	Seed      string                   `json:"seed"`
	Runs      campaign.Counts          `json:"runs"`
	Events    int64                    `json:"events"`
	TookMS    int64                    `json:"took_ms"` // over all sessions
	Unknown   map[string]int           `json:"unknown"`
	Failures  []campaign.Failure       `json:"failures"`
	Coverage  map[string]plan.Coverage `json:"coverage"`
	WorstLag  int64                    `json:"worst_lag_us"`
	Exercised map[string][2]int        `json:"exercised"` // by protocol: opportunities met, and all
}

func Summed(c *campaign.Campaign) Summary {
	t := c.Tally
	s := Summary{
		Campaign: c.Dir, Seed: c.Spec.Seed, Runs: t.Total, Events: t.Events, TookMS: t.Worked.Milliseconds(), Unknown: t.Unknown,
		Failures: t.Failures(), Coverage: t.Met, WorstLag: t.WorstLag, Exercised: map[string][2]int{},
	}
	for _, protocol := range t.Protocols() {
		met, all := campaign.Exercised(protocol, t.Met[protocol], campaign.Asked(c.Spec.Matrix.Cells(), protocol))
		s.Exercised[protocol] = [2]int{met, all}
	}
	return s
}

// EventLine is what is said of an event as it happens; "": nothing.
func EventLine(c *campaign.Campaign, e campaign.Event) string {
	switch {
	case e.Run != nil && e.Run.Failed():
		r := e.Run
		what := string(r.Signature)
		if what == "" {
			what = strings.Join(r.Unknown, ", ")
		}
		if r.Broken != "" {
			what = "the harness broke: " + r.Broken
		}
		folder := ""
		if r.Folder != "" {
			folder = filepath.Join(c.Dir, r.Folder)
		}
		return fmt.Sprintf("%-8s run %-5d %s  %s  %s", r.Verdict, r.Number, r.Cell, what, folder)
	case e.Shrunk != nil && e.Shrunk.Failed == "":
		return fmt.Sprintf("shrunk   %s: %d → %d units, %s left", e.Shrunk.Group, e.Shrunk.Before, e.Shrunk.After, Count(e.Shrunk.Nodes, "node"))
	case e.Limit > 0:
		return fmt.Sprintf("at most %s side by side from now on: timers fire %.1f ms late", Count(e.Limit, "run"), float64(e.LagUS)/1000)
	}
	return ""
}

// PrintCampaign tells what a campaign has come to: the cells, the reasons of
// unknown, and each kind of failure with the command that brings it back.
func PrintCampaign(out io.Writer, c *campaign.Campaign, share string) {
	t := c.Tally
	if len(t.Cells) > 1 {
		printCampaignCells(out, c)
	}
	fmt.Fprintf(out, "%s in %v, %d events: %d valid, %d invalid, %d unknown",
		Count(t.Total.Runs, "run"), t.Worked.Round(time.Second), t.Events, t.Total.Valid, t.Total.Invalid, t.Total.Unknown)
	if t.Total.Broken > 0 {
		fmt.Fprintf(out, ", %d broken", t.Total.Broken)
	}
	fmt.Fprintf(out, "; campaign seed %s\n", c.Spec.Seed)
	for _, code := range sortedKeys(t.Unknown) {
		fmt.Fprintf(out, "  unknown in %d: %s\n", t.Unknown[code], code)
	}
	for _, protocol := range t.Protocols() {
		met, all := campaign.Exercised(protocol, t.Met[protocol], campaign.Asked(c.Spec.Matrix.Cells(), protocol))
		fmt.Fprintf(out, "  %s: %d of %d opportunities exercised (groupy runs --coverage)\n", protocol, met, all)
	}
	if c.Real() {
		fmt.Fprintf(out, "  the harness's timers fired %.1f ms late at worst; %s\n", float64(t.WorstLag)/1000, share)
	}
	if len(t.Programs) > 1 {
		fmt.Fprintf(out, "  the program under test changed between sessions: the counts mix %d builds\n", len(t.Programs))
	}
	for _, f := range t.Failures() {
		PrintFailure(out, c.Dir, f)
	}
	fmt.Fprintf(out, "\ncampaign: %s\n", c.Dir)
}

func PrintFailure(out io.Writer, dir string, f campaign.Failure) {
	if f.First == nil {
		return
	}
	fmt.Fprintf(out, "\n%s violated in %d of %s (95%% confidence: %.3g%% to %.3g%%), first with seed %s\n",
		f.Group, f.Count, Count(f.Of, "run"), 100*f.Low, 100*f.High, f.First.Seed)
	defer tellFailure(out, dir, f) // what is to be typed stands first
	switch s := f.Shrunk; {
	case s == nil:
	case s.Failed != "":
		fmt.Fprintf(out, "  not shrunk: %s\n", s.Failed)
	default:
		fmt.Fprintf(out, "  smallest: %d → %d units on %s\n  groupy replay %s\n",
			s.Before, s.After, Count(s.Nodes, "node"), Quote(filepath.Join(dir, s.Folder)))
		return
	}
	fmt.Fprintf(out, "  groupy replay %s\n", Quote(filepath.Join(dir, f.First.Folder)))
}

// tellFailure prints the story of a kind of failure: of its smallest run, or of its
// first.
func tellFailure(out io.Writer, dir string, f campaign.Failure) {
	folder := f.First.Folder
	if f.Shrunk != nil && f.Shrunk.Folder != "" {
		folder = f.Shrunk.Folder
	}
	run := store.Folder(filepath.Join(dir, folder))
	j, err := run.Judgement()
	if folder == "" || err != nil {
		return
	}
	told, err := why.Stored(run, j)
	if err != nil {
		return // the folder's plan cannot be read; replay says why
	}
	for _, l := range told.Lines {
		fmt.Fprintf(out, "  %12s  %s\n", l.At, l.Text)
	}
}

func printCampaignCells(out io.Writer, c *campaign.Campaign) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "protocol\tworkload\tnemesis\tnodes\tworld\truns\tvalid\tinvalid\tunknown\tbroken")
	for _, cell := range c.Spec.Matrix.Cells() {
		n := c.Tally.Cells[cell]
		if n == nil {
			n = &campaign.Counts{}
		}
		nemesis := cell.Nemesis
		if nemesis == "" {
			nemesis = "default"
		}
		row := []string{cell.Protocol, cell.Workload, nemesis, strconv.Itoa(cell.Nodes), cell.World}
		for _, k := range []int{n.Runs, n.Valid, n.Invalid, n.Unknown, n.Broken} {
			row = append(row, strconv.Itoa(k))
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush()
	fmt.Fprintln(out)
}
