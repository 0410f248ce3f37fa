package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/replay"
	"groupy/harness/run"
)

const regressLong = `Run every failing plan that a store keeps against the present binary, and say of
each whether it still fails, is fixed, or has gone stale, and why: it cannot be
read or run any more, this checker finds nothing in the kept history, or the run
no longer reaches what it did.

Plans of the virtual worlds run once. In the real world a plan fails in a part of
its runs only, so it runs --times times, and fixed means that none of them failed.

Exit codes: 0 all are fixed, 1 one still fails, 2 none does and one is stale, 254
bad input, 255 the harness broke.`

func regressCommand() *cobra.Command {
	var times int
	var asJSON, trust bool
	cmd := &cobra.Command{
		Use:     "regress [STORE]",
		Short:   "Run every kept failing plan again: what still fails, what is fixed",
		Long:    regressLong,
		Example: "  groupy regress\n  groupy regress old-store --times 20",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store := "store"
			if len(args) > 0 {
				store = args[0]
			}
			if times < 1 {
				return fmt.Errorf("--times %d: at least 1", times)
			}
			return regress(cmd, store, times, asJSON, trust)
		},
	}
	flags.AddTrust(cmd, &trust)
	cmd.Flags().IntVar(&times, "times", 5, "runs of a plan of the real world")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object for each plan")
	return cmd
}

func regress(cmd *cobra.Command, store string, times int, asJSON, trust bool) error {
	log, err := flags.Logger(cmd)
	if err != nil {
		return err
	}
	if _, err := os.Stat(store); err != nil {
		return err
	}
	folders, err := replay.FailingRuns(store)
	if err != nil {
		return exit.Broken(err)
	}
	job := run.Job{Log: log, Now: time.Now, Trust: trust}
	if job.Program, job.Warden, err = flags.Programs("", nil, nil, false); err != nil {
		return err
	}
	out, states := cmd.OutOrStdout(), map[string]int{}
	enc := json.NewEncoder(out)
	err = replay.Regress(cmd.Context(), job, folders, times, runtime.GOMAXPROCS(0), func(r replay.Regression) {
		states[r.State]++
		if asJSON {
			_ = enc.Encode(r)
			return
		}
		rate := ""
		if r.Runs > 1 {
			rate = fmt.Sprintf(", %d of %d runs", r.Failed, r.Runs)
		}
		if r.Why != "" {
			r.Why = ": " + r.Why
		}
		fmt.Fprintf(out, "%-11s %s (%s%s)%s\n", r.State, r.Folder, r.Signature, rate, r.Why)
	})
	if !asJSON {
		fmt.Fprintf(out, "%s: %d still fail, %d are fixed, %d are stale\n",
			text.Count(len(folders), "plan"), states[replay.StillFails], states[replay.Fixed], states[replay.Stale])
	}
	switch {
	case states[replay.StillFails] > 0:
		return exit.With(1)
	case err != nil:
		return exit.Broken(errors.New("stopped before its end"))
	case states[replay.Stale] > 0:
		return exit.With(2)
	}
	return nil
}
