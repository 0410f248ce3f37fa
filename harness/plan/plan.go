package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"groupy/checker"
	"groupy/harness/internal/timing"
	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/node"
	"groupy/node/draw"
	"groupy/workloads"
)

// PlanFormat is what a plan of this version says of itself.
const PlanFormat = "groupy-plan/1"

// Plan is everything that a seed decides. After it is made only the plan is
// consulted, so that one edited by hand, or by the shrinker, runs the same way.
// Times are microseconds, from the beginning of the main phase where a step has
// one.
type Plan struct {
	Format   string   `json:"format"`
	Name     string   `json:"name"`
	Seed     string   `json:"seed"` // also the key of per-message choices: loss, delay
	Protocol string   `json:"protocol"`
	Workload string   `json:"workload"`
	Nodes    []string `json:"nodes"`
	Promises []string `json:"promises,omitempty"` // what the verdict depends on; none: the checker's default

	// Network is how the messages of real processes travel, one of world.Networks;
	// none: sockets. A virtual world takes no notice of it.
	Network string `json:"network,omitempty"`

	// Disk is what the nodes' data folders lie on, one of disk.Kinds; none: plain.
	Disk string `json:"disk,omitempty"`

	Config json.RawMessage `json:"config"` // given to every node in init
	// Durable has a node that was killed or shut down come back as the member that it
	// was, unless it says that what it kept is damaged.
	Durable bool `json:"durable,omitempty"`
	// Spare has a fault that would take a quorum's last members away wait, and be
	// skipped if the group does not mend: a group that is blocked as specified shows
	// nothing from then on.
	Spare bool `json:"spare,omitempty"`
	// FailFast ends the run at the first violation of a promised safety property.
	FailFast bool `json:"fail_fast,omitempty"`

	Limits Limits `json:"limits"`

	// Bootstrap are asked while the group forms: at_us is the round, the k-th
	// beginning with the join of the k-th node after the first.
	Bootstrap []workloads.Op `json:"bootstrap"`
	Ops       []workloads.Op `json:"ops"`
	Faults    []nemesis.Step `json:"faults"`
	// Requested are the faults that must take hold for the run to mean what it
	// was asked to mean.
	Requested []string `json:"requested,omitempty"`

	// Observed is there if the plan was made from a recorded run (Transplant): when
	// things reached the nodes then. The real world takes no notice of it.
	Observed *timing.Observed `json:"observed,omitempty"`
}

// Virtual is what a virtual world is made of for this plan.
func (p *Plan) Virtual() (virtual.VirtualConfig, error) {
	follow, err := p.Observed.Timing(p.reigns())
	if err != nil {
		return virtual.VirtualConfig{}, err
	}
	kind, err := disk.FindKind(p.Disk)
	return virtual.VirtualConfig{Nodes: p.Nodes, Seed: p.Seed, Timing: follow, Disk: kind}, err
}

// reigns are when the faults of a plan hold that was made from an observed run.
func (p *Plan) reigns() map[string]timing.Reign {
	if p.Observed == nil {
		return nil
	}
	reigns := map[string]timing.Reign{}
	for _, s := range p.Faults {
		from := timing.Micros(p.Observed.Main + s.AtMicros)
		reign := timing.Reign{From: from, To: timing.Never}
		if s.ForMicros > 0 {
			reign.To = from + timing.Micros(s.ForMicros)
		}
		reigns[s.ID] = reign
	}
	return reigns
}

// Limits bound every phase and every wait of a run.
type Limits struct {
	StartMicros     int64 `json:"start_us"`     // for every node to answer init
	BootstrapMicros int64 `json:"bootstrap_us"` // for every node to join
	MainMicros      int64 `json:"main_us"`      // length of the main phase
	HealMicros      int64 `json:"heal_us"`      // for every fault to be undone
	RecoverMicros   int64 `json:"recover_us"`   // for one view that holds all live nodes
	ProbeMicros     int64 `json:"probe_us"`     // for the probes to arrive everywhere
	EndMicros       int64 `json:"end_us"`       // for a node to obey shutdown
	CallMicros      int64 `json:"call_us"`      // for a client's call; then its outcome is unknown
	JoinMicros      int64 `json:"join_us"`      // for a join
	SettleMicros    int64 `json:"settle_us"`    // without any observation, before the probes
	RejoinMicros    int64 `json:"rejoin_us"`    // between an eviction or a failed join and the next try
}

// NewPlan is the pure function from seed and options to a plan: the same input
// gives the same bytes. An error names the option that cannot be.
func NewPlan(options Options) (*Plan, error) {
	o, err := options.filled()
	if err != nil {
		return nil, err
	}
	load, err := workloads.Find(o.Workload)
	if err != nil {
		return nil, err
	}
	network, err := world.FindNetwork(o.Network)
	if err != nil {
		return nil, fmt.Errorf("--network: %w", err)
	}
	kind, err := disk.FindKind(o.Disk)
	if err != nil {
		return nil, fmt.Errorf("--disk: %w", err)
	}
	key := draw.New(o.Seed)
	level, config, err := systemOf(o, load, kind.Faulty, key.With("config"))
	if err != nil {
		return nil, err
	}
	main := o.TimeLimit.Microseconds()
	p := &Plan{
		Format:   PlanFormat,
		Name:     o.Name,
		Seed:     o.Seed,
		Protocol: o.Protocol,
		Workload: o.Workload,
		Nodes:    nodeNames(o.Nodes),
		Promises: level.Promises,
		Config:   config,
		Durable:  o.Durable,
		FailFast: o.FailFast,
		Limits:   limitsFor(main, o.Timeout.Microseconds(), o.StartLimit.Microseconds()),
	}
	if level.Promises != nil {
		p.Promises = slices.Concat(level.Promises, load.Promises)
	}
	if o.Promise != nil {
		if p.Promises, err = p.Promised(o.Promise); err != nil {
			return nil, fmt.Errorf("--promise: %w", err)
		}
	}
	if network.Name != world.Networks[0].Name {
		p.Network = network.Name
	}
	if kind.Name != disk.Kinds[0].Name {
		p.Disk = kind.Name
	}
	if p.Name == "" {
		p.Name = o.Protocol + "-" + o.Workload
	}
	p.Ops = load.Plan(key.With("ops"), workloads.Load{
		Nodes: p.Nodes, ClientsEach: o.ClientsEach, OpsPerSecond: o.Rate, Micros: main,
	})
	p.Bootstrap = bootstrapOps(key.With("bootstrap"), load, p.Nodes)
	wanted := o.Nemesis
	if wanted == nil {
		wanted = level.Nemesis
	}
	faults := key.With("faults")
	p.Spare = level.Quorum && !o.Durable && len(p.Nodes) > 2 && !beyondMinority(faults, wanted)
	p.Faults, p.Requested, err = schedule(faults, wish{wanted, load.Nemesis, o.Durable, kind.Faulty, slices.Contains(o.Explore, "swarm")}, p.Nodes, main, o.Timeout.Microseconds())
	if err != nil {
		return nil, err
	}
	p.Ops = aim(p.Faults, p.Ops, p.Nodes[len(p.Nodes)-1], o.Timeout.Microseconds()/2)
	explore(key.With("explore"), o.Explore, wanted, load.Nemesis, p, o.Timeout.Microseconds(), o.Met)
	return p, nil
}

// Promised is what the plan's run would promise with these words of checker.Promised.
func (p *Plan) Promised(words []string) ([]string, error) {
	from := p.Promises
	if from == nil {
		from = checker.Usual()
		if load, err := workloads.Find(p.Workload); err == nil {
			from = slices.Concat(from, load.Promises)
		}
	}
	return checker.Promised(words, from)
}

// limitsFor derives the bounds of all waits from the length of the main phase
// and the detector's timeout: the grace after healing is 20 timeouts and the
// probes' deadline 10, as docs/protocol.md has them.
func limitsFor(main, timeout, start int64) Limits {
	const second = 1_000_000
	return Limits{
		StartMicros:     start,
		BootstrapMicros: 20 * second,
		MainMicros:      main,
		HealMicros:      10*second + 2*timeout,
		RecoverMicros:   20 * timeout,
		ProbeMicros:     10 * timeout,
		EndMicros:       5 * second,
		CallMicros:      5 * second,
		JoinMicros:      6 * second,
		SettleMicros:    timeout / 2,
		RejoinMicros:    timeout / 2,
	}
}

// bootstrapTurns is how many operations in a row each member has for the time in
// which one more node joins; what is left when it has joined is not asked.
const bootstrapTurns = 8

// bootstrapOps gives every node that is already in the group something to say
// while the next one joins, and once when all have.
func bootstrapOps(k draw.Key, load workloads.Workload, nodes []string) []workloads.Op {
	var ops []workloads.Op
	for round := range nodes {
		turns := bootstrapTurns
		if round == len(nodes)-1 {
			turns = 1
		}
		for range turns {
			for j := range nodes[:round+1] {
				op := workloads.Op{Client: j, Node: nodes[j], AtMicros: int64(round)} // the round, not a time
				load.Op(k.At(uint64(len(ops))), -1-len(ops), &op)
				if name := fmt.Sprintf("b%d", len(ops)+1); op.F == node.TypeMulticast {
					op.Value = json.RawMessage(strconv.Quote(name))
				} else {
					op.Msg = name
				}
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// Encode writes the plan as it is stored: indented, so that people can edit it,
// and the same bytes for the same plan.
func (p *Plan) Encode() []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(p); err != nil {
		panic("harness: a plan cannot be encoded: " + err.Error()) // it holds only values that JSON has
	}
	return buf.Bytes()
}

// ReadPlan decodes and validates a plan. Errors say what to mend.
func ReadPlan(r io.Reader) (*Plan, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &p, nil
}

// Validate says what a plan has that no run can have: it reads a plan as strictly as
// flags are read, since anybody may have written it.
func (p *Plan) Validate() error {
	if p.Format != PlanFormat {
		return fmt.Errorf("format is %q; this version reads %q", p.Format, PlanFormat)
	}
	if err := p.bounds(); err != nil {
		return err
	}
	if _, err := workloads.Find(p.Workload); err != nil {
		return err
	}
	if _, err := world.FindNetwork(p.Network); err != nil {
		return err
	}
	for _, ops := range [][]workloads.Op{p.Bootstrap, p.Ops} {
		for i, op := range ops {
			if err := bounded(op); err != nil {
				return fmt.Errorf("operation %d: %w", i, err)
			}
			if !slices.Contains(p.Nodes, op.Node) {
				return fmt.Errorf("operation %d asks %q, which is none of the nodes", i, op.Node)
			}
			if _, err := workloads.Request(op, 0); err != nil {
				return fmt.Errorf("operation %d: %w", i, err)
			}
		}
	}
	kind, err := disk.FindKind(p.Disk)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range p.Faults {
		f, err := nemesis.Find(s.Fault)
		if err != nil {
			return fmt.Errorf("fault %q: %w", s.ID, err)
		}
		if f.Disk && !kind.Faulty {
			return fmt.Errorf("fault %q: %s needs a faulty disk, and the plan's is %s", s.ID, s.Fault, kind.Name)
		}
		if s.ID == "" || seen[s.ID] {
			return fmt.Errorf("fault %s at %d µs: id %q is empty or taken", s.Fault, s.AtMicros, s.ID)
		}
		seen[s.ID] = true
		if !isTime(s.AtMicros) || !isTime(s.ForMicros) {
			return fmt.Errorf("fault %q: at %d µs for %d µs: a time is between 0 and %v", s.ID, s.AtMicros, s.ForMicros, maxTimeLimit)
		}
		if s.Rule != nil {
			if err := s.Rule.Check(); err != nil {
				return fmt.Errorf("fault %q: rule: %w", s.ID, err)
			}
		}
	}
	_, err = p.Virtual()
	return err
}
