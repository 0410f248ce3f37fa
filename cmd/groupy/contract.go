package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/conformance"
)

const contractLong = `Check the contract alone, before any run: three processes of the program are asked
one request after the other, and each answer is looked at. What is missing is said
with what was expected, what was said, and the program's own log. What is optional
says what cannot be done without it.

Exit codes: 0 nothing is missing, 1 something is.`

const contractExample = `  groupy contract --bin python3 -- docs/nodes/node.py
  groupy contract --bin ./mynode --config '{"verbose":true}'`

func contractCommand() *cobra.Command {
	var o conformance.Options
	var bin, config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "contract --bin PROGRAM [-- ARGS of it]",
		Short:   "Check that a program speaks the contract, request after request, in seconds",
		Long:    contractLong,
		Example: contractExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if bin == "" {
				return errors.New("--bin: which program? It is started three times, and speaks the contract of docs/contract.md")
			}
			if config != "" {
				var object map[string]any
				if err := json.Unmarshal([]byte(config), &object); err != nil {
					return fmt.Errorf("--config is not a JSON object: %w", err)
				}
				o.Config = json.RawMessage(config)
			}
			if o.Patience <= 0 || o.Start <= 0 {
				return errors.New("--patience and --start-limit: more than 0")
			}
			var err error
			if o.Program, o.Warden, err = flags.Programs(bin, args, nil, false); err != nil {
				return err
			}
			return checkContract(cmd, o, asJSON, bin, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&bin, "bin", "", "the program")
	flags.StringVar(&config, "config", "", "options for the program, a JSON object")
	flags.DurationVar(&o.Start, "start-limit", 20*time.Second, "for a process to answer init")
	flags.DurationVar(&o.Patience, "patience", 5*time.Second, "for anything else that must come")
	flags.BoolVar(&asJSON, "json", false, "print the steps as JSON")
	return cmd
}

func checkContract(cmd *cobra.Command, o conformance.Options, asJSON bool, bin string, args []string) error {
	dir, err := os.MkdirTemp("", "groupy-contract-")
	if err != nil {
		return exit.Broken(err)
	}
	defer os.RemoveAll(dir)
	o.Dir = dir
	out := cmd.OutOrStdout()
	var results []conformance.Result
	whole, err := conformance.Check(cmd.Context(), o, func(r conformance.Result) {
		results = append(results, r)
		if !asJSON {
			printStep(out, r)
		}
	})
	if err != nil {
		return exit.Broken(err)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(results); err != nil {
			return exit.Broken(err)
		}
	} else {
		printNext(out, results, whole, bin, args)
	}
	if !whole {
		return exit.With(1)
	}
	return nil
}

// printStep shows a step as soon as it is known, and of one that is missing all that
// helps to mend it.
func printStep(out io.Writer, r conformance.Result) {
	text := r.Text
	if r.State == conformance.Untried {
		text = r.Wants
	}
	first, more, _ := strings.Cut(text, "\n")
	fmt.Fprintf(out, "%-9s %-10s %s\n", r.State, r.Name, first)
	if r.State != conformance.Missing {
		return
	}
	fmt.Fprintf(out, "  wanted:   %s: the program %s\n", r.Name, r.Wants)
	if more != "" {
		fmt.Fprintln(out, more)
	}
	printLines(out, "  said:", r.Dialogue)
	printLines(out, "  its log ends:", r.Log)
}

func printLines(out io.Writer, heading string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(out, "%s\n    %s\n", heading, strings.Join(lines, "\n    "))
	}
}

// printNext says what comes next: the first thing that is missing, or a run.
func printNext(out io.Writer, results []conformance.Result, whole bool, bin string, args []string) {
	for _, r := range results {
		if r.State == conformance.Missing {
			fmt.Fprintf(out, "\nnext: %s. docs/contract.md says how.\n", r.Name)
			return
		}
	}
	words := []string{"--bin", text.Quote(bin)}
	if len(args) > 0 {
		words = append(words, "--")
		for _, a := range args {
			words = append(words, text.Quote(a))
		}
	}
	faults := strings.Join(text.FaultsToAdd, ",")
	fmt.Fprintf(out, "\nnext: groupy run --nodes 3 %s\n", strings.Join(words, " "))
	fmt.Fprintf(out, "then: groupy run --nodes 3 --nemesis %s %s\n", faults, strings.Join(words, " "))
}
