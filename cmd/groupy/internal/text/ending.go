package text

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"groupy/checker"
	"groupy/harness/verdict"
)

// printVerdict is the line that everything begins with.
func printVerdict(out io.Writer, j *verdict.Judgement) {
	fmt.Fprintf(out, "verdict: %s%s\n", painted(out, j.Verdict), because(j))
	if j.WithoutFaults && j.Verdict == checker.Valid {
		fmt.Fprintf(out, "add:     --nemesis %s\n", strings.Join(FaultsToAdd, ","))
	}
}

// printCause tells what a verdict comes from: who ended by itself, which promises are
// broken, and why something is unknown. folder is the run's, or a history's path.
func printCause(out io.Writer, j *verdict.Judgement, folder string) {
	if len(j.Story.Ends) > 0 {
		fmt.Fprintln(out)
		printEnds(out, j.Story, folder)
	}
	for _, c := range causes(j.Report) {
		fmt.Fprintln(out)
		c.print(out, j.Report)
	}
	if len(j.Unknown) > 0 {
		fmt.Fprint(out, "\nunknown because\n")
		for _, why := range j.Unknown {
			fmt.Fprintf(out, "  %s: %s\n", why.Code, why.Text)
		}
	}
}

// cause is properties that the same events break, by name.
type cause []string

// causes gathers the broken promises of a report. Two have one cause if an event
// stands in both their witnesses, or in those of a chain between them.
func causes(rep checker.Report) (list []cause) {
	of := map[int64]int{} // by event: where in list
	for _, name := range judged(rep) {
		r := rep.Properties[name]
		if !r.Promised || r.Verdict != checker.Invalid {
			continue
		}
		at := len(list)
		for _, w := range r.Witness {
			if i, is := of[w.Index]; is {
				at = min(at, i)
			}
		}
		if at == len(list) {
			list = append(list, nil)
		}
		list[at] = append(list[at], name)
		for _, w := range r.Witness {
			of[w.Index] = at
		}
	}
	return list
}

// print shows the first property with its witness, and of the others what they say of
// the same events.
func (c cause) print(out io.Writer, rep checker.Report) {
	first := rep.Properties[c[0]]
	fmt.Fprintf(out, "%s is broken: %s in %s\n  %s\n", c[0], counted(first.Count, "violation"), counted(first.Evidence, "comparison"), first.Explanation)
	for _, e := range first.Witness {
		fmt.Fprintf(out, "    line %-6d %s\n", e.Line, e.Text)
	}
	if len(c) > 1 {
		fmt.Fprintln(out, "and so, by the same events")
	}
	for _, name := range c[1:] {
		fmt.Fprintf(out, "  %s: %s\n", name, rep.Properties[name].Explanation)
	}
}

// printOther says in a line each what held, what had nothing to compare, and what is
// only observed: of that nothing is invalid, since nobody promised it.
func printOther(out io.Writer, rep checker.Report) {
	var held, empty, seen []string
	for _, name := range judged(rep) {
		switch r := rep.Properties[name]; {
		case !r.Promised && r.Verdict == checker.Invalid:
			seen = append(seen, fmt.Sprintf("%s does not hold (%d in %d)", name, r.Count, r.Evidence))
		case r.Promised && r.Verdict == checker.Valid && r.Evidence == 0:
			empty = append(empty, name)
		case r.Promised && r.Verdict == checker.Valid:
			held = append(held, name)
		}
	}
	if len(held) > 0 {
		fmt.Fprintf(out, "\nheld:    %s (--verbose names them)\n", counted(int64(len(held)), "promise"))
	}
	for _, l := range []struct {
		word  string
		names []string
	}{{"-:       nothing to compare for ", empty}, {"seen:    what is not promised: ", seen}} {
		if len(l.names) > 0 {
			fmt.Fprintln(out, l.word+strings.Join(l.names, ", "))
		}
	}
	unjudged := map[string]int{}
	for _, why := range rep.LeftOut {
		unjudged[why]++
	}
	for _, why := range sortedKeys(unjudged) {
		fmt.Fprintf(out, "left:    %d properties are not judged: %s\n", unjudged[why], why)
	}
	if rep.Stats.Truncated {
		fmt.Fprintln(out, "left:    the last line was cut short and left out")
	}
}

// judged gives the properties of a report in their usual order, and then any other.
func judged(rep checker.Report) (names []string) {
	for _, p := range checker.Properties {
		if _, is := rep.Properties[p.Name]; is {
			names = append(names, p.Name)
		}
	}
	for _, name := range sortedKeys(rep.Properties) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// printAll shows every property, what the history holds, and the gates.
func printAll(out io.Writer, j *verdict.Judgement) {
	checker.RenderDetails(out, j.Report)
	if len(j.Gates) > 0 {
		fmt.Fprintln(out, "\ngates")
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, g := range j.Gates {
			fmt.Fprintf(w, "  %d\t %s\n", g.Count, g.Need)
		}
		_ = w.Flush()
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
