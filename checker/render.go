package checker

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"groupy/checker/report"
)

// Render writes a report for people: the verdict, a line for each property, the
// violations with their witnesses, why something is unknown, and what the history
// holds. The text is stable: the same report gives the same bytes.
func Render(out io.Writer, rep report.Report) {
	fmt.Fprintf(out, "verdict: %s\n", rep.Verdict)
	RenderDetails(out, rep)
}

// RenderDetails writes all that Render does but for the verdict, for those who
// say that elsewhere.
func RenderDetails(out io.Writer, rep report.Report) {
	w := bufio.NewWriter(out)
	defer w.Flush()
	renderProperties(w, rep)
	renderLeftOut(w, rep.LeftOut)
	if len(rep.Unknown) > 0 {
		fmt.Fprint(w, "\nunknown because\n")
		for _, why := range rep.Unknown {
			fmt.Fprintf(w, "  %s: %s\n", why.Code, why.Text)
		}
	}
	renderStats(w, rep.Stats)
}

// order gives the names in the report: those of Properties first, then any other.
func order(rep report.Report) []string {
	var list []string
	for _, name := range names() {
		if _, ok := rep.Properties[name]; ok {
			list = append(list, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rep.Properties)) {
		if find(name) == nil {
			list = append(list, name)
		}
	}
	return list
}

func renderProperties(w io.Writer, rep report.Report) {
	fmt.Fprint(w, "\nproperties\n")
	for _, name := range order(rep) {
		r := rep.Properties[name]
		note := ""
		switch {
		case r.Verdict == report.Invalid:
			note = report.Plural(r.Count, "violation") + " in " + report.Plural(r.Evidence, "comparison")
		case r.Verdict == report.Valid && r.Evidence == 0:
			note = "nothing to compare"
		case r.Verdict == report.Valid:
			note = report.Plural(r.Evidence, "comparison")
		case r.Reason != nil:
			note = r.Reason.Code
		}
		if !r.Promised {
			note += " (observed, not promised)"
		}
		fmt.Fprintf(w, "  %-8s %-21s %s\n", r.Verdict, name, note)
		if r.Verdict != report.Invalid {
			continue
		}
		fmt.Fprintf(w, "             %s\n", r.Explanation)
		for _, e := range r.Witness {
			fmt.Fprintf(w, "               line %-6d %s\n", e.Line, e.Text)
		}
	}
}

// renderLeftOut groups what was not judged by its reason.
func renderLeftOut(w io.Writer, left map[string]string) {
	byReason := map[string][]string{}
	for _, name := range names() {
		if why, is := left[name]; is {
			byReason[why] = append(byReason[why], name)
		}
	}
	if len(byReason) > 0 {
		fmt.Fprint(w, "\nleft out\n")
	}
	for _, why := range slices.Sorted(maps.Keys(byReason)) {
		fmt.Fprintf(w, "  %s:\n    %s\n", why, strings.Join(byReason[why], ", "))
	}
}

func renderStats(w io.Writer, s report.Stats) {
	fmt.Fprint(w, "\nhistory\n")
	fmt.Fprintf(w, "  %s; %s, %s (%s); %s, %s (%s shared)\n",
		report.Plural(s.Events, "event"), report.Plural(s.Members, "member"), report.Plural(s.Views, "view"), report.Plural(s.Installs, "install"),
		report.Plural(s.Messages, "message"), report.Plural(s.Deliveries, "delivery"), fmt.Sprint(s.Shared))
	for _, f := range slices.Sorted(maps.Keys(s.Operations)) {
		c := s.Operations[f]
		fmt.Fprintf(w, "  %s: %d asked, %d ok, %d failed, %d unknown\n", f, c.Invoke, c.OK, c.Fail, c.Invoke-c.OK-c.Fail)
	}
	for _, f := range slices.Sorted(maps.Keys(s.Faults)) {
		c := s.Faults[f]
		fmt.Fprintf(w, "  fault %s: %d begun, %d skipped\n", f, c.OK, c.Fail)
	}
	if s.Truncated {
		fmt.Fprint(w, "  the last line was cut short and left out\n")
	}
}
