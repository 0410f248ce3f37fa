package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/nemesis"
	"groupy/node/gms/protocols"
	"groupy/workloads"
)

// entry is one line of a list: a name and its sentence.
type entry struct{ name, sentence string }

// kinds is what there is to list.
var kinds = []struct {
	name    string
	entries func() []entry
}{
	{"protocols", func() (list []entry) {
		for _, p := range protocols.All {
			list = append(list, entry{p.Name, p.Sentence})
		}
		return list
	}},
	{"workloads", func() (list []entry) {
		for _, w := range workloads.All {
			list = append(list, entry{w.Name, w.Sentence})
		}
		return list
	}},
	{"faults", faultEntries},
	{"networks", networkEntries},
	{"strategies", strategyEntries},
	{"mutants", func() (list []entry) {
		for _, m := range protocols.Mutants {
			list = append(list, entry{m.Name, m.Protocol + ": " + m.Sentence + " (falls first: " + m.Falls + ")"})
		}
		return list
	}},
	{"properties", func() (list []entry) {
		for _, p := range checker.Properties {
			list = append(list, entry{p.Name, p.Statement})
		}
		return list
	}},
	{"models", modelEntries},
	{"formats", formatEntries},
}

// modelEntries name each model's operations and parameters: what --model takes.
func modelEntries() (list []entry) {
	for _, m := range checker.Models {
		var parts []string
		for _, op := range m.Operations {
			parts = append(parts, op.F)
		}
		text := m.Sentence + ": " + strings.Join(parts, ", ")
		if len(m.Parameters) > 0 {
			text += " (parameters " + strings.Join(m.Parameters, ", ") + ")"
		}
		list = append(list, entry{m.Name, text})
	}
	return list
}

func faultEntries() (list []entry) {
	for _, f := range nemesis.Faults {
		list = append(list, entry{f.Name, f.Sentence})
	}
	return list
}

func networkEntries() (list []entry) {
	for _, n := range run.Networks {
		list = append(list, entry{n.Name, n.Sentence})
	}
	return list
}

func strategyEntries() (list []entry) {
	for _, s := range plan.Strategies {
		list = append(list, entry{s.Name, s.Sentence})
	}
	return list
}

func listCommand() *cobra.Command {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return &cobra.Command{
		Use:       "list [" + strings.Join(names, "|") + "]",
		Short:     "Protocols, workloads, faults, networks, strategies, mutants, properties, models and formats, with their sentences",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, k := range kinds {
				if len(args) == 0 || slices.Contains(args, k.name) {
					printList(cmd.OutOrStdout(), k.name, k.entries(), len(args) == 0)
				}
			}
			return nil
		},
	}
}

func printList(out io.Writer, title string, list []entry, withTitle bool) {
	if withTitle {
		fmt.Fprintf(out, "%s\n", title)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(w, "  %s\t%s\n", e.name, e.sentence)
	}
	_ = w.Flush()
	if withTitle {
		fmt.Fprintln(out)
	}
}
