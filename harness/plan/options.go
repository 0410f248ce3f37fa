package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"groupy/harness/system"
	"groupy/nemesis"
	"groupy/workloads"
)

// Options say what a plan is to be made of. The zero value of a field is its
// default.
type Options struct {
	Name        string
	Seed        string        // any text; it decides everything that is random
	Nodes       int           // default 5
	Protocol    string        // default DefaultProtocol
	Workload    string        // default multicast
	Nemesis     []string      // fault names; nil: the protocol's default; "all" alone: a swarm over all
	Explore     []string      // names of Strategies; nil: DefaultExplore
	Rate        float64       // operations per second over all clients; default 50
	TimeLimit   time.Duration // length of the main phase; default 20 s
	ClientsEach int           // clients per node; default 4
	Heartbeat   time.Duration // of the node's failure detector; default 100 ms
	Timeout     time.Duration // of the node's failure detector; default 1 s
	StartLimit  time.Duration // for a process to answer init; default 20 s
	History     int           // messages a gms4 leader keeps; 0: the node's default
	Durable     bool          // processes keep their state on disk and come back as what they were
	Mutant      string        // one-line removal in the core; "": none
	Muted       bool          `json:",omitempty"` // the core's own invariants do not end the process
	LocalReads  bool          // the map's reads are answered from the asked node's copy, which may be stale
	Network     string        `json:",omitempty"` // how messages of real processes travel, one of world.Networks; "": sockets
	Disk        string        `json:",omitempty"` // what the nodes' data folders lie on, one of disk.Kinds; "": plain
	Config      string        // further node options, a JSON object merged into config
	Promise     []string      `json:",omitempty"` // words of checker.Promised, that change what the protocol promises
	FailFast    bool          // the first violation of a promised safety property ends the run
	NodeDoesOwn bool          // a foreign program: no protocol, app or detector options
	Met         Coverage      `json:"-"` // what earlier runs met, for the strategy coverage
}

// limits of what a plan may ask for; beyond them the request is a mistake.
const (
	maxNodes     = 64
	maxRate      = 1e6
	maxTimeLimit = 24 * time.Hour // also of a plan that is read
	maxOps       = 10_000_000
)

// filled gives the options with defaults in place, or an error naming the
// option and what it may be.
func (o Options) filled() (Options, error) {
	if o.Seed == "" {
		return o, errors.New("no seed: give --seed with any text")
	}
	if o.Nodes == 0 {
		o.Nodes = 5
	}
	if o.Nodes < 1 || o.Nodes > maxNodes {
		return o, fmt.Errorf("--nodes %d: a group here has 1 to %d nodes", o.Nodes, maxNodes)
	}
	if o.Protocol == "" {
		o.Protocol = system.DefaultProtocol
	}
	if o.Workload == "" {
		o.Workload = workloads.Multicast.Name
	}
	if o.Explore == nil {
		o.Explore = DefaultExplore
	}
	if o.Rate == 0 {
		o.Rate = 50
	}
	if o.Rate < 0 || o.Rate > maxRate {
		return o, fmt.Errorf("--rate %g: between 0 and %g operations per second", o.Rate, float64(maxRate))
	}
	if o.TimeLimit == 0 {
		o.TimeLimit = 20 * time.Second
	}
	if o.TimeLimit < 0 || o.TimeLimit > maxTimeLimit {
		return o, fmt.Errorf("--time-limit %v: between 0 and %v", o.TimeLimit, maxTimeLimit)
	}
	if n := o.Rate * o.TimeLimit.Seconds(); n > maxOps {
		return o, fmt.Errorf("--rate %g for %v is %.0f operations: a plan holds %d at most", o.Rate, o.TimeLimit, n, maxOps)
	}
	if o.ClientsEach == 0 {
		o.ClientsEach = 4
	}
	if o.ClientsEach < 0 || o.ClientsEach > maxClients/o.Nodes {
		return o, fmt.Errorf("--clients %d: between 1 and %d for each of %d nodes", o.ClientsEach, maxClients/o.Nodes, o.Nodes)
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 100 * time.Millisecond
	}
	if o.StartLimit == 0 {
		o.StartLimit = 20 * time.Second
	}
	if o.StartLimit < 0 || o.StartLimit > maxTimeLimit {
		return o, fmt.Errorf("--start-limit %v: between 0 and %v", o.StartLimit, maxTimeLimit)
	}
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if o.Timeout < 2*o.Heartbeat {
		return o, fmt.Errorf("detector timeout %v: at least twice the heartbeat of %v", o.Timeout, o.Heartbeat)
	}
	return o, nil
}

// nodeNames is n1 … nN.
func nodeNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = "n" + strconv.Itoa(i+1)
	}
	return names
}

// ParseNemesis reads a comma list of fault names, or all, or none. The empty
// text is nil: the protocol's default.
func ParseNemesis(text string) ([]string, error) {
	switch text {
	case "":
		return nil, nil
	case "none":
		return []string{}, nil
	case "all":
		return []string{"all"}, nil
	}
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if _, err := nemesis.Find(name); err != nil {
			return nil, fmt.Errorf("--nemesis: %w; or all, or none", err)
		}
		names = append(names, name)
	}
	return names, nil
}
