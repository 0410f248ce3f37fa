package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"groupy/checker"
	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/flags"
	"groupy/cmd/groupy/internal/text"
	"groupy/harness/campaign"
	"groupy/harness/index"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/system"
)

const campaignLong = `Run many plans side by side: every combination of the protocols, workloads, fault
sets, node counts and worlds that are named, with seeds drawn from one campaign
seed. Every run that is not valid keeps its folder, a valid one its line in the
campaign's journal. Failures are grouped by protocol and violated property; each
group's smallest plan is looked for beside the runs.

A campaign that ended early, also by SIGKILL, is carried on with --resume; nothing
counts twice and nothing is lost.

Exit codes: 1 if one run is invalid, whatever else happened; else 255 if the
harness broke or was stopped, 2 if a run is unknown, 0 if all are valid.`

// campaignFlags are a campaign's flags as they are typed.
type campaignFlags struct {
	run      flags.Run
	matrix   campaign.Matrix
	spec     campaign.Spec
	parallel int
	until    bool
	resume   string
	trust    bool
}

func campaignCommand() *cobra.Command {
	var f campaignFlags
	cmd := &cobra.Command{
		Use:   "campaign [flags] [-- ARGS of --bin]",
		Short: "Many runs side by side; every failure is kept, shrunk and counted",
		Long:  campaignLong,
		Example: `  groupy campaign --runs 1000 --world sim --nemesis all
  groupy campaign --protocol gms3,gms4 --nodes 3,5 --nemesis kill --nemesis kill,drop --for 8h
  groupy campaign --resume latest`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.campaign(cmd, args)
			if err != nil {
				return err
			}
			err = tellCampaign(cmd, c, f.run.JSON)
			if closeErr := c.Close(); err == nil && closeErr != nil {
				err = exit.Broken(closeErr)
			}
			return err
		},
	}
	f.add(cmd)
	return cmd
}

func (f *campaignFlags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	m, s := &f.matrix, &f.spec
	set.StringSliceVar(&m.Protocols, "protocol", []string{system.DefaultProtocol}, "protocols of the built-in node; see groupy list protocols")
	set.StringSliceVar(&m.Workloads, "workload", []string{"multicast"}, "what the clients do; see groupy list workloads")
	set.StringArrayVar(&m.Nemeses, "nemesis", []string{""}, "a set of faults: a comma list, or all, or none; again for one set more (default: those that the protocol is to survive)")
	set.IntSliceVar(&m.Nodes, "nodes", []int{5}, "numbers of nodes")
	set.StringSliceVar(&m.Worlds, "world", []string{run.WorldReal}, "where it runs: "+strings.Join(run.Worlds, ", "))
	set.IntVar(&s.Runs, "runs", 100, "number of runs, over all cells; 0: no bound")
	set.DurationVar(&s.For, "for", 0, "begin no run after this time, and have no bound on runs unless --runs is given")
	set.IntVar(&s.StopAfter, "stop-after", 0, "begin no run after this many failures; 0: no bound")
	set.BoolVar(&f.until, "until-failure", false, "the same as --stop-after 1, and no bound on runs unless --runs is given")
	set.BoolVar(&s.KeepAll, "keep-all", false, "keep the folders of passing runs too")
	set.DurationVar(&s.Shrink, "shrink", 2*time.Minute, "time for the smallest plan of a failure; 0: failures are not shrunk")
	set.IntVar(&f.parallel, "parallel", 0, "runs side by side, at most (default: by the worlds and the processors)")
	flags.AddTrust(cmd, &f.trust)
	set.StringVar(&f.resume, "resume", "", "carry on a campaign: its folder, or latest")
	f.run.AddCommon(cmd)
}

// campaign is the one that the flags ask for, begun or resumed.
func (f *campaignFlags) campaign(cmd *cobra.Command, args []string) (*campaign.Campaign, error) {
	if f.parallel < 0 {
		return nil, fmt.Errorf("--parallel %d: at least 1, or 0 for the default", f.parallel)
	}
	if f.resume != "" {
		return f.resumed(cmd, args)
	}
	job, err := f.job(cmd, args)
	if err != nil {
		return nil, err
	}
	s := &f.spec
	s.Format, s.Began, s.Seed, s.Matrix, s.Options = campaign.Format, time.Now(), f.run.Options.Seed, f.matrix, f.run.Options
	if !cmd.Flags().Changed("runs") && (s.For > 0 || f.until) {
		s.Runs = 0
	}
	if f.until {
		s.StopAfter = 1
	}
	if f.run.Bin != "" {
		s.Program = append([]string{f.run.Bin}, args...)
	}
	s.Behind = max(8, f.sideBySide(s.Matrix.Worlds))
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(notOfRun, flag.Name) {
			s.Words = append(s.Words, "--"+flag.Name+"="+text.Quote(flag.Value.String()))
		}
	})
	c, err := campaign.Begin(f.run.Store, s)
	if err != nil {
		return nil, err
	}
	return f.furnish(c, job), nil
}

// notOfRun are flags that the command of a single run has not, or that its cell,
// its seed or its place in the store say.
var notOfRun = []string{
	"protocol", "workload", "nemesis", "nodes", "world", "seed", "store", "json", "log-level", "log-json",
	"runs", "for", "stop-after", "until-failure", "keep-all", "shrink", "parallel",
}

// job checks the flags for each protocol and world of the matrix, and gives what
// is the same for all.
func (f *campaignFlags) job(cmd *cobra.Command, args []string) (job run.Job, err error) {
	for _, f.run.Options.Protocol = range f.matrix.Protocols {
		for _, f.run.World = range f.matrix.Worlds {
			if job, err = f.run.Job(cmd, args); err != nil {
				return job, err
			}
		}
	}
	if f.run.Bin != "" && !cmd.Flags().Changed("protocol") {
		f.matrix.Protocols = []string{system.OwnProgram}
	}
	return job, nil
}

// resumed is a campaign that was begun before; it is what it was then.
func (f *campaignFlags) resumed(cmd *cobra.Command, args []string) (*campaign.Campaign, error) {
	var other []string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"resume", "trust", "parallel", "store", "json", "log-level", "log-json"}, flag.Name) {
			other = append(other, "--"+flag.Name)
		}
	})
	if len(other) > 0 || len(args) > 0 {
		return nil, fmt.Errorf("--resume carries a campaign on as it was begun: %s cannot be given", strings.Join(append(other, args...), ", "))
	}
	dir, err := campaign.Find(f.run.Store, f.resume)
	if err != nil {
		return nil, err
	}
	c, err := campaign.Resume(dir)
	if err != nil {
		return nil, err
	}
	if !c.Spec.Mine() && !f.trust {
		return nil, errors.Join(replay.Untrusted(filepath.Join(dir, campaign.SpecFile), c.Spec.Program), c.Close())
	}
	log, err := flags.Logger(cmd)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	job := run.Job{Foreign: len(c.Spec.Program) > 0, Log: log, Now: time.Now}
	bin, rest := "", []string(nil)
	if job.Foreign {
		bin, rest = c.Spec.Program[0], c.Spec.Program[1:]
	}
	if job.Program, job.Warden, err = flags.Programs(bin, rest, nil, false); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return f.furnish(c, job), nil
}

// furnish completes a campaign with what hangs on this process alone.
func (f *campaignFlags) furnish(c *campaign.Campaign, job run.Job) *campaign.Campaign {
	c.Job, c.Parallel, c.Virtual = job, f.sideBySide(c.Spec.Matrix.Worlds), f.sideBySide(c.Spec.Matrix.Worlds)
	c.Index = index.NewWriter
	if c.Real() {
		c.Virtual = max(1, runtime.GOMAXPROCS(0)-1) // they would take the processors from those that need their time
	}
	c.Command = func(cell campaign.Cell, seed string) string {
		if c.Spec.Guided() {
			return "" // the seed alone does not say what the run was guided by
		}
		words := []string{
			"groupy run --seed=" + text.Quote(seed), "--protocol=" + text.Quote(cell.Protocol), "--workload=" + text.Quote(cell.Workload),
			"--nodes=" + strconv.Itoa(cell.Nodes), "--world=" + cell.World,
		}
		if cell.Nemesis != "" {
			words = append(words, "--nemesis="+text.Quote(cell.Nemesis))
		}
		words = append(words, c.Spec.Words...)
		for i, word := range c.Spec.Program {
			if i == 1 {
				words = append(words, "--")
			}
			if i > 0 {
				words = append(words, text.Quote(word))
			}
		}
		return strings.Join(words, " ")
	}
	return c
}

// sideBySide is how many runs go on at a time, at most: a virtual one needs a
// processor, a real one mostly waits.
func (f *campaignFlags) sideBySide(worlds []string) int {
	switch {
	case f.parallel > 0:
		return f.parallel
	case slices.Contains(worlds, run.WorldReal):
		return realPerProcessor * runtime.GOMAXPROCS(0)
	}
	return runtime.GOMAXPROCS(0)
}

// realPerProcessor is how many real runs of the usual load a processor bears
// before its lag shows; the campaign goes below it where it does.
const realPerProcessor = 4

// tellCampaign carries a campaign out, prints what fails as it fails and the sum
// at the end, and gives the exit code: one violation makes it 1 whatever else
// happened.
func tellCampaign(cmd *cobra.Command, c *campaign.Campaign, asJSON bool) error {
	out := cmd.OutOrStdout()
	p := text.NewProgress(cmd.ErrOrStderr(), c)
	processors := text.BeginShare(c.Job.Now())
	enc := json.NewEncoder(out)
	c.Show = func(e campaign.Event) {
		switch {
		case asJSON && e.Run != nil:
			_ = enc.Encode(campaign.Line{Kind: campaign.KindRun, Run: e.Run}) // a broken pipe shows at the end
		case asJSON && e.Shrunk != nil:
			_ = enc.Encode(campaign.Line{Kind: campaign.KindShrunk, Shrunk: e.Shrunk})
		}
		if said := text.EventLine(c, e); said != "" && !asJSON {
			p.Say(out, said)
		}
		p.Show(e)
	}
	carried := c.Carry(cmd.Context())
	p.End()
	var told error
	if asJSON {
		told = enc.Encode(map[string]any{"type": "summary", "summary": text.Summed(c)})
	} else {
		text.PrintCampaign(out, c, processors.Text(c.Job.Now()))
	}
	t := c.Tally.Total
	switch {
	case t.Invalid > 0:
		return exit.With(checker.Invalid.ExitCode())
	case cmd.Context().Err() != nil:
		return exit.Broken(fmt.Errorf("stopped before its end; groupy campaign --resume %s carries it on", text.Quote(c.Dir)))
	case carried != nil || told != nil:
		return exit.Broken(errors.Join(carried, told))
	case t.Broken > 0:
		return exit.Broken(fmt.Errorf("the harness broke in %d of %d runs", t.Broken, t.Runs))
	case t.Unknown > 0:
		return exit.With(checker.Unknown.ExitCode())
	}
	return nil
}
