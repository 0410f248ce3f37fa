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

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/system"
	"groupy/harness/verdict"
)

// maxFaults is how many faults of a run are printed; the history has them all.
const maxFaults = 40

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

// PrintRun shows what happened in a run, its verdict with the evidence, and where
// it is kept. What matters most comes last, where the reader's eye is.
func PrintRun(out io.Writer, r *run.Result) {
	PrintEnds(out, r.Judgement.Story, string(r.Folder))
	PrintStory(out, r.Judgement.Story)
	printNotes(out, r.Record.Outcome)
	PrintJudgement(out, r.Judgement)
	fmt.Fprintf(out, "again:   %s\nrun:     %s\n", r.Record.Command, r.Folder)
}

// maxEnds is how many processes that ended unasked are printed.
const maxEnds = 5

// PrintEnds tells who ended by itself, how, and what its log ends with: it comes
// first, since the rest may follow from it. folder is the run's; "": there is none.
func PrintEnds(out io.Writer, s *verdict.Story, folder string) {
	if len(s.Ends) == 0 {
		return
	}
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
	fmt.Fprintln(out)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// PrintStory tells the faults with what proves them, the views, and how long the
// group took to come together again.
func PrintStory(out io.Writer, s *verdict.Story) {
	if len(s.Faults) > 0 {
		fmt.Fprintln(out, "faults")
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for i, f := range s.Faults {
			if i == maxFaults {
				break
			}
			fmt.Fprintf(w, "  %5.1fs\t%s\t%s\t%s\t%s\n", f.Began.Seconds(), f.ID, f.Name, report.TargetText(f.Value), report.FaultText(f))
		}
		_ = w.Flush()
		if more := len(s.Faults) - maxFaults; more > 0 {
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

// PrintJudgement shows a verdict with its evidence.
func PrintJudgement(out io.Writer, j *verdict.Judgement) {
	checker.RenderDetails(out, j.Report)
	if len(j.Gates) > 0 {
		fmt.Fprintln(out, "\ngates")
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, g := range j.Gates {
			fmt.Fprintf(w, "  %d\t %s\n", g.Count, g.Need)
		}
		_ = w.Flush()
	}
	fmt.Fprintf(out, "\nverdict: %s%s\n", j.Verdict, because(j))
	if j.WithoutFaults && j.Verdict == checker.Valid {
		fmt.Fprintf(out, "add:     --nemesis %s\n", strings.Join(FaultsToAdd, ","))
	}
}

// FaultsToAdd are those that a run without any is told of: what every group that
// bears the death of a minority is to survive.
var FaultsToAdd = []string{"kill", "pause", "partition-random-halves", "drop"}

// because names what a verdict other than valid comes from, and what a valid one
// lacks.
func because(j *verdict.Judgement) string {
	var names []string
	switch j.Verdict {
	case checker.Valid:
		if j.WithoutFaults {
			return ", without faults"
		}
	case checker.Invalid:
		for _, p := range checker.Properties {
			if r := j.Properties[p.Name]; r.Promised && r.Verdict == checker.Invalid {
				names = append(names, p.Name)
			}
		}
	case checker.Unknown:
		for _, why := range j.Unknown {
			names = append(names, why.Code)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
