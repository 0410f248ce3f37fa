package main

import (
	"strings"

	"github.com/spf13/cobra"

	"groupy/harness"
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
		"protocol": harness.LevelNames(), "workload": loads, "world": harness.Worlds,
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("nemesis", completeNemesis)
}

func completeNemesis(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	done := typed[:strings.LastIndexByte(typed, ',')+1]
	values := []string{}
	if done == "" {
		values = append(values, "all", "none")
	}
	for _, e := range faultEntries() {
		values = append(values, done+e.name+"\t"+e.sentence)
	}
	return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
