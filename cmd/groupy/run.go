package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"groupy/harness"
)

const runExample = `  groupy run
  groupy run --protocol gms2 --nemesis kill-mid-multicast
  groupy run --nemesis kill,pause,isolate-leader --seed 7 --time-limit 30s
  groupy run --nemesis none --rate 1000
  groupy run --bin python3 -- harness/testdata/sequencer.py`

// runFlags are the flags of a run as they are typed.
type runFlags struct {
	options harness.Options
	nemesis string
	bin     string
	store   string
	world   string
	json    bool
}

func runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:     "run [flags] [-- ARGS of --bin]",
		Short:   "One run: plan, run, check",
		Example: runExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			return run(cmd, f, args)
		},
	}
	flags := cmd.Flags()
	o := &f.options
	flags.IntVar(&o.Nodes, "nodes", 5, "number of nodes")
	flags.StringVar(&o.Protocol, "protocol", harness.DefaultProtocol, "protocol of the built-in node; see groupy list protocols")
	flags.StringVar(&o.Workload, "workload", "multicast", "what the clients do; see groupy list workloads")
	flags.StringVar(&f.nemesis, "nemesis", "", "comma list of faults, or all, or none (default: those that the protocol is to survive)")
	flags.Float64Var(&o.Rate, "rate", 50, "operations per second, over all clients")
	flags.DurationVar(&o.TimeLimit, "time-limit", 15*time.Second, "length of the main phase")
	flags.StringVar(&o.Seed, "seed", "", "what decides everything random (default: a new one, which is printed)")
	flags.IntVar(&o.ClientsEach, "clients", 4, "clients per node")
	flags.DurationVar(&o.Timeout, "timeout", time.Second, "the built-in node's failure detector: silence after which it suspects")
	flags.DurationVar(&o.Heartbeat, "heartbeat", 100*time.Millisecond, "the built-in node's failure detector: between two signs of life")
	flags.DurationVar(&o.StartLimit, "start-limit", 20*time.Second, "for a node's process to answer init")
	flags.IntVar(&o.History, "history", 0, "messages that a leader of gms4 keeps for resending (default: the node's)")
	flags.StringVar(&o.Config, "config", "", "further options for the node, a JSON object")
	flags.StringVar(&o.Name, "name", "", "name of the run in the store (default: protocol and workload)")
	flags.StringVar(&f.world, "world", "real", "where it runs: "+strings.Join(harness.Worlds, ", "))
	flags.StringVar(&f.bin, "bin", "", "put this program under test instead; it must speak the contract")
	flags.StringVar(&f.store, "store", "store", "folder that keeps the runs")
	flags.BoolVar(&f.json, "json", false, "print the verdict as JSON")
	return cmd
}

func run(cmd *cobra.Command, f runFlags, args []string) error {
	log, err := logger(cmd)
	if err != nil {
		return err
	}
	if !slices.Contains(harness.Worlds, f.world) {
		return fmt.Errorf("--world %q: there are %s", f.world, strings.Join(harness.Worlds, ", "))
	}
	if f.world == harness.WorldSim && f.bin != "" {
		return errors.New("--world sim calls the built-in node in process; a program of yours runs in real or lockstep")
	}
	if f.options.Seed == "" {
		f.options.Seed = strconv.FormatInt(time.Now().UnixNano()%1e9, 36)
	}
	if f.options.Nemesis, err = harness.ParseNemesis(f.nemesis); err != nil {
		return err
	}
	program, warden, err := programs(f.bin, args, nil)
	if err != nil {
		return err
	}
	if f.bin != "" {
		f.options.NodeDoesOwn = true
		if !cmd.Flags().Changed("protocol") {
			f.options.Protocol = ownProgram
		}
	}
	plan, err := harness.NewPlan(f.options)
	if err != nil {
		return err
	}
	if !f.json {
		printPlan(cmd.OutOrStdout(), plan)
	}
	watch := newWatcher(cmd.ErrOrStderr())
	job := harness.Job{
		Plan: plan, World: f.world, Program: program, Warden: warden, Foreign: f.bin != "",
		Store: f.store, Command: commandLine(cmd, f.options.Seed, args), Log: log, Status: watch.show, Now: time.Now,
	}
	result, err := job.Execute(cmd.Context())
	watch.clear()
	return tell(cmd, f, result, err)
}

// tell prints how a run ended and gives its exit code.
func tell(cmd *cobra.Command, f runFlags, result *harness.Result, err error) error {
	if result != nil && result.Judgement != nil {
		if f.json {
			if _, err := cmd.OutOrStdout().Write(result.Judgement.Encode()); err != nil {
				return broken(err)
			}
		} else if err == nil || result.Judgement.Stats.Installs > 0 { // else nothing happened that could be told
			story, err := harness.ReadStory(string(result.Folder))
			if err != nil {
				return broken(err)
			}
			printRun(cmd.OutOrStdout(), result, story)
		}
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = errors.New("stopped before its end; the history up to here is in the run's folder")
		}
		if result != nil {
			err = fmt.Errorf("%w (%s)", err, result.Folder)
		}
		return broken(err)
	}
	return verdict(result.Judgement.Verdict.ExitCode())
}

// commandLine is the command that brings a run back: the flags that were given,
// and the seed in any case.
func commandLine(cmd *cobra.Command, seed string, args []string) string {
	words := []string{"groupy", "run"}
	if !cmd.Flags().Changed("seed") {
		words = append(words, "--seed="+quote(seed))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) { words = append(words, "--"+f.Name+"="+quote(f.Value.String())) })
	if len(args) > 0 {
		words = append(words, "--")
		for _, a := range args {
			words = append(words, quote(a))
		}
	}
	return strings.Join(words, " ")
}

// quote makes a word safe for a shell.
func quote(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=+%@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
