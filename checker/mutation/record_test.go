package mutation

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"groupy/checker"
)

// readSurvivors reads the list of mutants that no test sees: lines with a mutant,
// one or more, and below them, indented, the reason.
func readSurvivors(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the list of survivors: %w", err)
	}
	listed := map[string]string{}
	var group []string
	inReason := false
	for i, line := range strings.Split(string(text), "\n") {
		why, indented := strings.CutPrefix(line, "    ")
		switch {
		case strings.HasPrefix(line, "#") || line == "":
			continue
		case indented && len(group) == 0:
			return nil, fmt.Errorf("%s:%d: a reason without a mutant above it", file, i+1)
		case indented:
			for _, m := range group {
				listed[m] = strings.TrimSpace(listed[m] + " " + why)
			}
			inReason = true
		case inReason:
			group, inReason = []string{line}, false
		default:
			group = append(group, line)
		}
	}
	if !inReason && len(group) > 0 {
		return nil, fmt.Errorf("%s: %s has no reason below it", file, group[0])
	}
	return listed, nil
}

// subjects gives the mutants' files their titles in the table, in its order: those of
// properties first, by the order of reports.
func subjects() (titles []string, title func(file string) string) {
	var rest string
	for _, p := range checker.Properties {
		if p.Name != "uniform-agreement" {
			titles = append(titles, p.Name)
		}
	}
	shared := map[string]string{
		"agreement": "agreement", "operations": "linearizability", "models": "linearizability", "values": "linearizability",
	}
	names := []struct{ title, files string }{
		{"orders and cycles", "order cycle"},
		{"liveness, and who lives", "liveness build trace"},
		{"findings and reports", "checker finding report render words words_linear scene"},
		{"the stream", "stream stream_messages stream_finish idset"},
	}
	for _, n := range names {
		titles = append(titles, n.title)
		for _, f := range strings.Fields(n.files) {
			shared[f] = n.title
		}
	}
	rest = "ways to decide linearizability"
	titles = append(titles, rest)
	return titles, func(file string) string {
		if path.Dir(file) == "checker/linear" {
			return rest
		}
		name := strings.TrimSuffix(path.Base(file), ".go")
		return cmp.Or(shared[name], strings.ReplaceAll(name, "_", "-"))
	}
}

// table counts the outcomes by subject.
func table(outcomes []outcome) string {
	type row struct{ tried, golden, killed int }
	rows := map[string]*row{}
	titles, title := subjects()
	add := func(name string, o outcome) {
		r := rows[name]
		if r == nil {
			r = &row{}
			rows[name] = r
		}
		r.tried++
		if o.by == "golden" {
			r.golden++
		}
		if o.by != "" {
			r.killed++
		}
	}
	for _, o := range outcomes {
		name := title(o.file)
		if !slices.Contains(titles, name) {
			titles = append(titles, name)
		}
		add(name, o)
		add("all", o)
	}
	var out strings.Builder
	out.WriteString("| checks of | tried | killed | of these by golden histories | no test sees |\n| --- | --- | --- | --- | --- |\n")
	for _, name := range append(titles, "all") {
		if r := rows[name]; r != nil {
			fmt.Fprintf(&out, "| %s | %d | %d | %d | %d |\n", name, r.tried, r.killed, r.golden, r.tried-r.killed)
		}
	}
	return out.String()
}

// record is the document with the table.
const record = "../../docs/mutation.md"

// writeTable puts the table into the document, with -rewrite; without, it must be
// there.
func writeTable(outcomes []outcome) error {
	const begin, end = "<!-- mutants -->\n", "<!-- end -->"
	text, err := os.ReadFile(record)
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, after, ended := strings.Cut(rest, end)
	is := table(outcomes)
	switch {
	case !found || !ended:
		return fmt.Errorf("%s has no place for the table, between %s and %s", record, strings.TrimSpace(begin), end)
	case old == is:
		return nil
	case flag.Lookup("rewrite").Value.String() == "true":
		return os.WriteFile(record, []byte(before+begin+is+end+after), 0o644)
	}
	return fmt.Errorf("%s has another table; write it with -rewrite:\n%s", record, is)
}
