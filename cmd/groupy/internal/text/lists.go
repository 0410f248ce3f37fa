package text

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"groupy/checker"
	"groupy/checker/history/foreign"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/node/gms/protocols"
	"groupy/workloads"
)

// Entry is one line of a list: a name and its sentence.
type Entry struct{ Name, Sentence string }

// Kinds is what there is to list.
var Kinds = []struct {
	Name    string
	Entries func() []Entry
}{
	{"protocols", func() (list []Entry) {
		for _, p := range protocols.All {
			list = append(list, Entry{p.Name, p.Sentence})
		}
		return list
	}},
	{"workloads", func() (list []Entry) {
		for _, w := range workloads.All {
			list = append(list, Entry{w.Name, w.Sentence})
		}
		return list
	}},
	{"faults", Faults},
	{"promises", Promises},
	{"networks", Networks},
	{"disks", Disks},
	{"strategies", Strategies},
	{"mutants", func() (list []Entry) {
		for _, m := range protocols.Mutants {
			list = append(list, Entry{m.Name, m.Protocol + ": " + m.Sentence + " (falls first: " + m.Falls + ")"})
		}
		return list
	}},
	{"properties", func() (list []Entry) {
		for _, p := range checker.Properties {
			list = append(list, Entry{p.Name, p.Statement})
		}
		return list
	}},
	{"models", Models},
	{"formats", Formats},
}

// Models name each model's operations and parameters: what --model takes.
func Models() (list []Entry) {
	for _, m := range checker.Models {
		var parts []string
		for _, op := range m.Operations {
			parts = append(parts, op.F)
		}
		text := m.Sentence + ": " + strings.Join(parts, ", ")
		if len(m.Parameters) > 0 {
			text += " (parameters " + strings.Join(m.Parameters, ", ") + ")"
		}
		list = append(list, Entry{m.Name, text})
	}
	return list
}

func Faults() (list []Entry) {
	for _, f := range nemesis.Faults {
		list = append(list, Entry{f.Name, f.Sentence})
	}
	return list
}

// Promises are the named sets of properties: what --promise takes, beside properties.
func Promises() (list []Entry) {
	for _, s := range checker.Sets {
		list = append(list, Entry{s.Name, s.Sentence})
	}
	return list
}

func Networks() (list []Entry) {
	for _, n := range run.Networks {
		list = append(list, Entry{n.Name, n.Sentence})
	}
	return list
}

func Disks() (list []Entry) {
	for _, k := range disk.Kinds {
		list = append(list, Entry{k.Name, k.Sentence})
	}
	return list
}

func Strategies() (list []Entry) {
	for _, s := range plan.Strategies {
		list = append(list, Entry{s.Name, s.Sentence})
	}
	return list
}

func PrintList(out io.Writer, title string, list []Entry, withTitle bool) {
	if withTitle {
		fmt.Fprintf(out, "%s\n", title)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(w, "  %s\t%s\n", e.Name, e.Sentence)
	}
	_ = w.Flush()
	if withTitle {
		fmt.Fprintln(out)
	}
}

func Formats() []Entry {
	entries := []Entry{{Name: "groupy", Sentence: "ours: history.jsonl, also compressed; see docs/history.md"}}
	for _, f := range foreign.Formats {
		entries = append(entries, Entry{f.Name, f.Sentence})
	}
	return entries
}
