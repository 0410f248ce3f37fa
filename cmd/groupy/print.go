package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"groupy/checker"
	"groupy/harness"
)

// printJudgement shows a verdict with its evidence.
func printJudgement(out io.Writer, j *harness.Judgement) {
	checker.Render(out, j.Report)
	if len(j.Gates) > 0 {
		fmt.Fprintln(out, "\ngates")
		for _, g := range j.Gates {
			fmt.Fprintf(out, "  %-28s %6d  %s\n", g.Name, g.Count, g.Need)
		}
	}
}

// printRun shows what happened in a run, its verdict, and where it is kept.
func printRun(out io.Writer, r *harness.Result) {
	printJudgement(out, r.Judgement)
	for _, note := range r.Record.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	for _, why := range slices.Sorted(maps.Keys(r.Record.Skipped)) {
		fmt.Fprintf(out, "note: %d operations were not asked: %s\n", r.Record.Skipped[why], why)
	}
	fmt.Fprintf(out, "\nagain: %s\nrun:   %s\n", r.Record.Command, r.Folder)
}
