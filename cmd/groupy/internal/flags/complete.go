package flags

import (
	"strings"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/text"
	"groupy/harness/run"
	"groupy/harness/system"
	"groupy/node/gms/protocols"
	"groupy/workloads"
)

// completeRun has the shell complete the values of a run's flags: a flag that
// takes one of a list, or a comma list of faults.
func completeRun(cmd *cobra.Command) {
	var loads []string
	for _, w := range workloads.All {
		loads = append(loads, w.Name)
	}
	for flag, values := range map[string][]string{
		"protocol": system.LevelNames(), "workload": loads, "world": run.Worlds,
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("nemesis", CompleteList(text.Faults, "all", "none"))
	_ = cmd.RegisterFlagCompletionFunc("network", CompleteList(text.Networks))
	_ = cmd.RegisterFlagCompletionFunc("disk", CompleteList(text.Disks))
	_ = cmd.RegisterFlagCompletionFunc("explore", CompleteList(text.Strategies))
	_ = cmd.RegisterFlagCompletionFunc("mutant", completeMutant)
}

// CompleteList completes the last of a comma list; the words in alone stand
// without others.
func CompleteList(entries func() []text.Entry, alone ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		done := typed[:strings.LastIndexByte(typed, ',')+1]
		values := []string{}
		if done == "" {
			values = append(values, alone...)
		}
		for _, e := range entries() {
			values = append(values, done+e.Name+"\t"+e.Sentence)
		}
		return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeMutant offers the mutants of the protocol that was given.
func completeMutant(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var values []string
	for _, m := range protocols.Mutants {
		if m.Protocol == cmd.Flag("protocol").Value.String() {
			values = append(values, m.Name+"\t"+m.Sentence)
		}
	}
	return values, cobra.ShellCompDirectiveNoFileComp
}
