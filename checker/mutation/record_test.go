package mutation

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
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
		"agreement": "agreement", "models": "linearizability", "values": "linearizability",
	}
	names := []struct{ title, files string }{
		{"orders and cycles", "order cycle"},
		{"liveness, and who lives", "judgeable build trace takeup operations property"},
		{"findings and reports", "checker front finding report render words scene"},
		{"the stream", "stream messages finish idset"},
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
		if file == "checker/objects/operations.go" {
			return "linearizability"
		}
		name := strings.TrimSuffix(path.Base(file), ".go")
		return cmp.Or(shared[name], strings.ReplaceAll(name, "_", "-"))
	}
}

// table counts by subject: places that can be changed, tried, killed, survived. What
// was tried before counts as well.
func table(all []mutant, now []outcome, before map[string]string) string {
	known := maps.Clone(before)
	for _, o := range now {
		known[o.String()] = o.by
	}
	type row struct{ places, tried, killed int }
	rows := map[string]*row{}
	titles, title := subjects()
	for _, m := range all {
		by, tried := known[m.String()]
		if name := title(m.file); !slices.Contains(titles, name) {
			titles = append(titles, name)
		}
		for _, name := range []string{title(m.file), "all"} {
			if rows[name] == nil {
				rows[name] = &row{}
			}
			r := rows[name]
			r.places++
			if tried {
				r.tried++
			}
			if by != "" {
				r.killed++
			}
		}
	}
	var out strings.Builder
	out.WriteString("| checks of | mutants | tried | killed | no test sees |\n| --- | --- | --- | --- | --- |\n")
	for _, name := range append(titles, "all") {
		if r := rows[name]; r != nil {
			fmt.Fprintf(&out, "| %s | %d | %d | %d | %d |\n", name, r.places, r.tried, r.killed, r.tried-r.killed)
		}
	}
	return out.String()
}

// record is the document with the table.
const record = "../../docs/mutation.md"

// writeTable puts the table into the document, with -rewrite. Without it, a run over
// all mutants must come to the same.
func writeTable(all []mutant, now []outcome, before map[string]string) error {
	const begin, end = "<!-- mutants -->\n", "<!-- end -->"
	text, err := os.ReadFile(record)
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	old, after, ended := strings.Cut(rest, end)
	is := table(all, now, before)
	switch {
	case !found || !ended:
		return fmt.Errorf("%s has no place for the table, between %s and %s", record, strings.TrimSpace(begin), end)
	case old == is, len(now) < len(all) && flag.Lookup("rewrite").Value.String() != "true":
		return nil
	case flag.Lookup("rewrite").Value.String() == "true":
		return os.WriteFile(record, []byte(head+begin+is+end+after), 0o644)
	}
	return fmt.Errorf("%s has another table; write it with -rewrite:\n%s", record, is)
}
