package text

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/system"
	"groupy/harness/verdict"
)

// maxFaults is how many faults of a run are printed, and fewFaults how many where not
// all was asked for; the history has them all.
const (
	maxFaults = 40
	fewFaults = 10
)

// PrintPlan says what is about to be run.
func PrintPlan(out io.Writer, p *plan.Plan) {
	name := p.Protocol
	if p.Protocol == system.OwnProgram {
		name = "your program"
	}
	fmt.Fprintf(out, "%s on %d nodes, %s: %d operations in %v, seed %s\n",
		name, len(p.Nodes), p.Workload, len(p.Ops), time.Duration(p.Limits.MainMicros)*time.Microsecond, p.Seed)
	if len(p.Faults) == 0 {
		fmt.Fprint(out, "no faults\n\n")
		return
	}
	counts := map[string]int{}
	for _, f := range p.Faults {
		counts[f.Fault]++
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[name]; n > 1 {
			name = fmt.Sprintf("%d %s", n, name)
		}
		names = append(names, name)
	}
	fmt.Fprintf(out, "%s: %s\n\n", Count(len(p.Faults), "fault"), strings.Join(names, ", "))
}

// Detail is how much of a run is told.
type Detail struct{ Quiet, Verbose bool }

// PrintRun shows how a run ended: the verdict, what it comes from, how to bring it
// back, and then the rest.
func PrintRun(out io.Writer, r *run.Result, d Detail) {
	printVerdict(out, r.Judgement)
	if d.Quiet {
		fmt.Fprintf(out, "run:     %s\n", r.Folder)
		return
	}
	printCause(out, r.Judgement, string(r.Folder))
	fmt.Fprintf(out, "\nagain:   %s\nrun:     %s\n", r.Record.Command, r.Folder)
	printRest(out, r.Judgement, r.Record.Outcome, d)
}

// PrintJudged shows a verdict of a folder or of a history alone in the same way.
func PrintJudged(out io.Writer, j *verdict.Judgement, path string, d Detail) {
	printVerdict(out, j)
	if !d.Quiet {
		printCause(out, j, path)
		printRest(out, j, run.Outcome{}, d)
	}
}

func printRest(out io.Writer, j *verdict.Judgement, o run.Outcome, d Detail) {
	if d.Verbose {
		fmt.Fprintln(out)
		printStory(out, j.Story, maxFaults)
		printNotes(out, o)
		printAll(out, j)
		return
	}
	printOther(out, j.Report)
	fmt.Fprintln(out)
	printStory(out, j.Story, fewFaults)
	printNotes(out, o)
}

// maxEnds is how many processes that ended unasked are printed.
const maxEnds = 5

// printEnds tells who ended by itself, how, and what its log ends with: it comes
// first, since the rest may follow from it. folder is the run's; "": there is none.
func printEnds(out io.Writer, s *verdict.Story, folder string) {
	for i, e := range s.Ends {
		if i == maxEnds {
			fmt.Fprintf(out, "and %d more ended by themselves\n", len(s.Ends)-i)
			break
		}
		fmt.Fprintln(out, e)
		for _, line := range e.Last {
			fmt.Fprintln(out, "    | "+line)
		}
		if log := filepath.Join(folder, store.LogFolder, e.Member+".log"); folder != "" && exists(log) {
			fmt.Fprintln(out, "  its log: "+log)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// printStory tells the faults with what proves them, so many at most, the views, and
// how long the group took to come together again.
func printStory(out io.Writer, s *verdict.Story, most int) {
	if len(s.Faults) > 0 {
		fmt.Fprintln(out, "faults")
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for i, f := range s.Faults {
			if i == most {
				break
			}
			fmt.Fprintf(w, "  %5.1fs\t%s\t%s\t%s\t%s\n", f.Began.Seconds(), f.ID, f.Name, report.TargetText(f.Value), report.FaultText(f))
		}
		_ = w.Flush()
		if more := len(s.Faults) - most; more > 0 {
			fmt.Fprintf(out, "  … and %d more, in the history\n", more)
		}
		fmt.Fprintln(out)
	}
	if s.Views > 0 {
		fmt.Fprintf(out, "views\n  %s, %s; the last is %s: %s\n",
			Count(s.Views, "view"), Count(s.Leaders, "change")+" of leader", s.Last, strings.Join(s.Members, " "))
	}
	switch {
	case s.Healed && s.Recovered && s.Recovery == 0:
		fmt.Fprintln(out, "  when the run healed, all live nodes were in one view")
	case s.Healed && s.Recovered:
		fmt.Fprintf(out, "  all live nodes were in one view %v after the run healed\n", s.Recovery.Round(time.Millisecond))
	case s.Healed:
		fmt.Fprintln(out, "  the live nodes never came together in one view after the run healed")
	}
}

// printNotes says what else was out of the ordinary.
func printNotes(out io.Writer, o run.Outcome) {
	notes := o.Told()
	if len(notes) == 0 {
		return
	}
	fmt.Fprint(out, "\nnotes\n")
	for _, note := range notes {
		fmt.Fprintln(out, "  "+folded(note))
	}
}

// folded puts the parts of a long note on lines of their own.
func folded(note string) string {
	head, list, found := strings.Cut(note, ": ")
	if parts := strings.Split(list, "; "); found && len(parts) > 1 {
		return head + ":\n      " + strings.Join(parts, "\n      ")
	}
	return note
}
