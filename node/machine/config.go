package machine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// Config is the built-in node's part of init: {"protocol":"gms4","app":"colour"}.
// A duration or number that is 0 or left out is the protocol's default.
type Config struct {
	Protocol      string `json:"protocol"`        // a name of protocols.All; required
	App           string `json:"app"`             // a name of app.Apps; default none
	HeartbeatMS   int64  `json:"heartbeat_ms"`    // default 100
	TimeoutMS     int64  `json:"timeout_ms"`      // default 1000
	JoinTimeoutMS int64  `json:"join_timeout_ms"` // default 5000
	History       int    `json:"history"`         // messages kept for resending
	MinPrimary    int    `json:"min_primary"`     // smallest primary view; default 1
	Mutant        string `json:"mutant"`          // a named weakness, for testing the harness
	Muted         bool   `json:"muted"`           // a broken invariant of the core is logged instead of ending the process
	LocalReads    bool   `json:"local_reads"`     // app map: a read is answered from the node's own copy at once; may be stale
	Record        bool   `json:"record"`          // write every step to a file in data_dir; tcp only
	BaseEvery     int    `json:"base_every"`      // durable: records kept before a base takes their place; default 512
	Durable       bool   `json:"durable"`         // a process that comes back with its disk intact is the same member again; gms5 only
}

// Defaults of the durations, as gms.Config has them.
const (
	defaultHeartbeatMS   = 100
	defaultTimeoutMS     = 1000
	defaultJoinTimeoutMS = 5000
)

// setup is what init decides: the protocol, its options and the application.
type setup struct {
	protocol gms.Protocol
	core     gms.Config
	app      app.Kind
	local    bool // reads
	Record   bool
	base     int // records before a base
}

// parseSetup reads the built-in node's part of init. Its errors name the option
// and what is allowed.
func parseSetup(in node.Init) (setup, error) {
	c := Config{App: "none"}
	if len(in.Config) > 0 {
		if err := json.Unmarshal(in.Config, &c); err != nil {
			return setup{}, fmt.Errorf("config: %w", err)
		}
	}
	protocol, err := protocols.Find(c.Protocol)
	if err != nil {
		return setup{}, fmt.Errorf("config.protocol: %w", err)
	}
	if c.Mutant != "" {
		if _, err := protocols.FindMutant(c.Protocol, c.Mutant); err != nil {
			return setup{}, fmt.Errorf("config.mutant: %w", err)
		}
	}
	kind, err := app.Find(c.App)
	if err != nil {
		return setup{}, fmt.Errorf("config.app: %w", err)
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"heartbeat_ms", c.HeartbeatMS},
		{"timeout_ms", c.TimeoutMS},
		{"join_timeout_ms", c.JoinTimeoutMS},
		{"history", int64(c.History)},
		{"min_primary", int64(c.MinPrimary)},
		{"base_every", int64(c.BaseEvery)},
	} {
		if n.value < 0 {
			return setup{}, fmt.Errorf("config.%s is %d; give 0 for the default, or more", n.name, n.value)
		}
	}
	if _, keeps := protocol.New(gms.Config{Nodes: in.NodeIDs}).(gms.Keeper); c.Durable && !keeps {
		return setup{}, fmt.Errorf("config.durable: %s keeps nothing on disk; gms5 does", c.Protocol)
	}
	if c.Durable && c.Record {
		return setup{}, fmt.Errorf("config.durable and config.record: a recording begins with a process that knows nothing; give one of the two")
	}
	core := gms.Config{
		Node:        in.NodeID,
		Incarnation: in.Incarnation,
		Nodes:       in.NodeIDs,
		Seed:        in.Seed,
		Heartbeat:   millis(c.HeartbeatMS, defaultHeartbeatMS),
		Timeout:     millis(c.TimeoutMS, defaultTimeoutMS),
		JoinTimeout: millis(c.JoinTimeoutMS, defaultJoinTimeoutMS),
		History:     c.History,
		MinPrimary:  max(c.MinPrimary, 1),
		Durable:     c.Durable,
		Mutant:      c.Mutant,
		Muted:       c.Muted,
	}
	return setup{protocol, core, kind, c.LocalReads, c.Record, cmp.Or(c.BaseEvery, defaultBaseEvery)}, nil
}

// newApp is the application for one membership.
func (s setup) newApp(member string) app.App {
	return s.app.New(app.Setup{Member: member, LocalReads: s.local})
}

func millis(given, byDefault int64) time.Duration {
	if given == 0 {
		given = byDefault
	}
	return time.Duration(given) * time.Millisecond
}

// checkInit holds what every transport needs of init.
func checkInit(in node.Init) error {
	switch {
	case in.NodeID == "":
		return fmt.Errorf("init has no node_id")
	case in.Incarnation < 1:
		return fmt.Errorf("init.incarnation is %d; the first start is 1", in.Incarnation)
	case in.Session < 0:
		return fmt.Errorf("init.session is %d; the first start of a member is 1", in.Session)
	case !slices.Contains(in.NodeIDs, in.NodeID):
		return fmt.Errorf("init.node_ids %q do not hold node_id %q", in.NodeIDs, in.NodeID)
	}
	return nil
}
