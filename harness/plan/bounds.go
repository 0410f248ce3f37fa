package plan

import (
	"fmt"
	"regexp"
	"slices"

	"groupy/workloads"
)

// nodeName is what a node may be called: its name becomes the name of files, and part of
// its members' names.
var nodeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// maxClients bounds the clients of a run; each has a place in memory.
const maxClients = 10_000

// bounds holds a plan's nodes, times and sizes to what a run can have.
func (p *Plan) bounds() error {
	if n := len(p.Nodes); n < 1 || n > maxNodes {
		return fmt.Errorf("%d nodes: a group here has 1 to %d", n, maxNodes)
	}
	for i, name := range p.Nodes {
		if !nodeName.MatchString(name) {
			return fmt.Errorf("node %q: a name is a letter, then letters, digits, _ and -, 64 at most", name)
		}
		if slices.Contains(p.Nodes[:i], name) {
			return fmt.Errorf("node %q is there twice", name)
		}
	}
	if n := len(p.Bootstrap) + len(p.Ops); n > maxOps {
		return fmt.Errorf("%d operations: a plan holds %d at most", n, maxOps)
	}
	l := &p.Limits
	for name, limit := range map[string]int64{
		"start_us": l.StartMicros, "bootstrap_us": l.BootstrapMicros, "main_us": l.MainMicros, "heal_us": l.HealMicros,
		"recover_us": l.RecoverMicros, "probe_us": l.ProbeMicros, "end_us": l.EndMicros, "call_us": l.CallMicros,
		"join_us": l.JoinMicros, "settle_us": l.SettleMicros, "rejoin_us": l.RejoinMicros,
	} {
		if !isTime(limit) {
			return fmt.Errorf("limits.%s is %d: a time is between 0 and %v", name, limit, maxTimeLimit)
		}
	}
	return nil
}

// bounded holds an operation to what a run can have.
func bounded(op workloads.Op) error {
	if op.Client < 0 || op.Client >= maxClients {
		return fmt.Errorf("client %d: a client's number is between 0 and %d", op.Client, maxClients-1)
	}
	if !isTime(op.AtMicros) {
		return fmt.Errorf("at %d µs: a time is between 0 and %v", op.AtMicros, maxTimeLimit)
	}
	return nil
}

// isTime reports whether it can be a time of a run, in microseconds.
func isTime(micros int64) bool { return micros >= 0 && micros <= maxTimeLimit.Microseconds() }
