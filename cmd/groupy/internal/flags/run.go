package flags

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groupy/cmd/groupy/internal/text"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/system"
	"groupy/node/gms/protocols"
)

// Run are the flags of a run as they are typed.
type Run struct {
	Options plan.Options
	Detail  text.Detail // of groupy run alone
	nemesis string
	promise Promise
	explore string
	Bin     string
	Store   string
	World   string
	JSON    bool
	capture int64
	linear  Linear
}

// add gives a command the flags of a run.
func (f *Run) Add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o := &f.Options
	flags.IntVar(&o.Nodes, "nodes", 5, "number of nodes")
	flags.StringVar(&o.Protocol, "protocol", system.DefaultProtocol, "protocol of the built-in node; see groupy list protocols")
	flags.StringVar(&o.Workload, "workload", "multicast", "what the clients do; see groupy list workloads")
	flags.StringVar(&f.nemesis, "nemesis", "", "comma list of faults, or all, or none (default: those that the protocol is to survive)")
	flags.StringVar(&f.World, "world", "real", "where it runs: "+strings.Join(run.Worlds, ", "))
	AddDetail(cmd, &f.Detail)
	f.AddCommon(cmd)
}

// addCommon gives a command the flags that a run has beside those that a
// campaign's matrix is made of.
func (f *Run) AddCommon(cmd *cobra.Command) {
	flags := cmd.Flags()
	o := &f.Options
	flags.StringVar(&f.explore, "explore", "", "comma list of strategies that shape the plan; see groupy list strategies (default: swarm)")
	flags.Float64Var(&o.Rate, "rate", 50, "operations per second, over all clients")
	flags.DurationVar(&o.TimeLimit, "time-limit", 15*time.Second, "length of the main phase")
	flags.StringVar(&o.Seed, "seed", "", "what decides everything random (default: a new one, which is printed)")
	flags.IntVar(&o.ClientsEach, "clients", 4, "clients per node")
	flags.DurationVar(&o.Timeout, "timeout", time.Second, "the built-in node's failure detector: silence after which it suspects")
	flags.DurationVar(&o.Heartbeat, "heartbeat", 100*time.Millisecond, "the built-in node's failure detector: between two signs of life")
	flags.DurationVar(&o.StartLimit, "start-limit", 20*time.Second, "for a node's process to answer init")
	flags.IntVar(&o.History, "history", 0, "messages that a leader of gms4 keeps for resending (default: the node's)")
	flags.StringVar(&o.Mutant, "mutant", "", "take this line out of the built-in node's core; see groupy list mutants")
	flags.BoolVar(&o.Muted, "muted", false, "the built-in node logs a broken invariant of its core and goes on, instead of ending its process")
	flags.BoolVar(&o.Durable, "durable", false, "the built-in node keeps its part on disk, and comes back from there as the member that it was")
	flags.BoolVar(&o.FailFast, "fail-fast", false, "judge the run while it goes, and end it at the first violation of a promised safety property")
	flags.BoolVar(&o.LocalReads, "local-reads", false, "the built-in node answers reads of its map from its own copy at once: fast, and stale now and then")
	AddNetwork(cmd, &o.Network, &f.capture)
	f.promise.Add(cmd)
	AddDisk(cmd, &o.Disk)
	flags.StringVar(&o.Config, "config", "", "further options for the node, a JSON object")
	flags.StringVar(&o.Name, "name", "", "name of the run in the store (default: protocol and workload)")
	flags.StringVar(&f.Bin, "bin", "", "put this program under test instead; it must speak the contract")
	flags.StringVar(&f.Store, "store", "store", "folder that keeps the runs")
	flags.BoolVar(&f.JSON, "json", false, "print the verdict as JSON")
	f.linear.Add(cmd)
	completeRun(cmd)
}

// AddNetwork gives a command the flags of what lies between real processes.
func AddNetwork(cmd *cobra.Command, network *string, capture *int64) {
	cmd.Flags().StringVar(network, "network", "", "how messages of real processes travel; see groupy list networks (default: sockets)")
	cmd.Flags().Int64Var(capture, "capture", 64, "on a network of packets: megabytes of them that the run's folder keeps at most, the last ones; 0: none")
}

// AddDisk gives a command the flag of what the nodes keep their data on.
func AddDisk(cmd *cobra.Command, disk *string) {
	cmd.Flags().StringVar(disk, "disk", "", "what the nodes keep their data on; see groupy list disks (default: plain)")
}

// job is what the flags ask for, but for the plan, whose options they complete.
func (f *Run) Job(cmd *cobra.Command, args []string) (job run.Job, err error) {
	log, err := Logger(cmd)
	if err != nil {
		return job, err
	}
	if err := refuseZero(cmd); err != nil {
		return job, err
	}
	if f.Bin != "" && cmd.Flags().Changed("protocol") {
		return job, errors.New("--protocol names one of the built-in node; --bin puts a program of yours in its place")
	}
	if !slices.Contains(run.Worlds, f.World) {
		return job, fmt.Errorf("--world %q: there are %s", f.World, strings.Join(run.Worlds, ", "))
	}
	if f.World == run.WorldSim && f.Bin != "" {
		return job, errors.New("--world sim calls the built-in node in process; a program of yours runs in real or lockstep")
	}
	if f.Options.Network != "" && f.World != run.WorldReal {
		return job, fmt.Errorf("--network %s: --world %s simulates its network; real processes of --world real have one", f.Options.Network, f.World)
	}
	if f.Options.Seed == "" {
		f.Options.Seed = newSeed()
	}
	if f.Options.Nemesis, err = plan.ParseNemesis(f.nemesis); err != nil {
		return job, err
	}
	f.Options.Promise = f.promise
	if f.Options.Explore, err = plan.ParseExplore(f.explore); err != nil {
		return job, err
	}
	if f.Options.Mutant != "" {
		if f.Bin != "" {
			return job, errors.New("--mutant takes a line out of the built-in node; --bin names a program of yours")
		}
		m, err := protocols.FindMutant(f.Options.Protocol, f.Options.Mutant)
		if err != nil {
			return job, fmt.Errorf("--mutant: %w", err)
		}
		if m.Durable && !f.Options.Durable {
			return job, fmt.Errorf("--mutant %s: it changes durable mode alone; add --durable", m.Name)
		}
	}
	if err := f.linear.Judge(&job); err != nil {
		return job, err
	}
	program, warden, err := Programs(f.Bin, args, nil, false)
	if err != nil {
		return job, err
	}
	if f.Bin != "" {
		f.Options.NodeDoesOwn, f.Options.Protocol = true, system.OwnProgram
	}
	return run.Job{
		Judging: job.Judging, Page: job.Page,
		Capture: f.capture << 20,
		World:   f.World, Program: program, Warden: warden, Foreign: f.Bin != "", Store: f.Store,
		Command: CommandLine(cmd, f.Options.Seed, args), Log: log, Now: time.Now,
	}, nil
}

// newSeed is a seed for a run that was given none.
func newSeed() string { return strconv.FormatInt(time.Now().UnixNano()%1e9, 36) }
