package ladder

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/node"
	"groupy/workloads"
)

// Class is one of the fault classes of docs/protocol.md's tables: a situation that
// each level is put in, the same every time. What must be in flight at which
// moment is arranged by triggers on the links, not hoped for.
type Class struct {
	Name  string // F0 … F12
	About string
	main  time.Duration // length of the main phase
	// timeout is the failure detector's in the real world. Where a class is about a
	// death, which the closing connection shows at once, it is so long that no noise
	// on the machine looks like another fault; where it is about silence, as short as
	// that allows.
	timeout time.Duration
	write   func(s *script)
}

// Classes is the visible list.
var Classes = []Class{
	{"F0", "no fault; joins with messages in flight", 1 * second, patient, writeCalm},
	{"F1", "a slave dies", 1500 * ms, patient, writeSlaveDeath},
	{"F2", "the leader dies in mid-broadcast: the first of the list have the message", 3 * second, patient, writeLeaderDeath},
	{"F3", "the leader dies, and each link loses its own rest: a later slave has the message, the next in line has not", 3 * second, patient, writeSkippedHeir},
	{"F4", "the leader dies in mid-broadcast, and its successor while it takes over", 5 * second, 2 * second, writeTwoDeaths},
	{"F5", "the leader dies in mid-broadcast and is back at once, as a new incarnation", 3 * second, patient, writeRestart},
	{"F6", "the leader is paused for more than two timeouts", splitMain, second, writeSplit(nemesis.Step{Fault: "pause", Target: "n1"})},
	{"F7", "the next in line is paused for more than two timeouts", splitMain, second, writeSplit(nemesis.Step{Fault: "pause", Target: "n2"})},
	{
		"F8", "a minority with the leader and the rest lose each other, and find each other again", splitMain, second,
		writeSplit(nemesis.Step{Fault: "partition-halves", Groups: [][]string{{"n1", "n5"}, {"n2", "n3", "n4"}}}),
	},
	{
		"F9", "what the leader sends is lost, what it hears is not, and heals", splitMain, second,
		writeSplit(nemesis.Step{Fault: "one-way", Groups: [][]string{{"n1"}, {nemesis.Others}}}),
	},
	{"F10", "links lose 5 % of the messages", 3500 * ms, patient, writeBadLinks("drop", lose)},
	{"F11", "links deliver 10 % of the messages twice", 3500 * ms, patient, writeBadLinks("duplicate", double)},
	{"F12", "links let 30 % of the messages be overtaken", 3500 * ms, patient, writeBadLinks("reorder", overtake)},
}

// FindClass gives the class of that name. The error lists the names there are.
func FindClass(name string) (Class, error) {
	var names []string
	for _, c := range Classes {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Class{}, fmt.Errorf("no fault class %q; there are %s", name, strings.Join(names, ", "))
}

const (
	ms     = time.Millisecond
	second = time.Second
)

// patient is a timeout that nothing on a noisy machine exceeds.
const patient = 6 * second

// ladderNodes is how many nodes every class has.
const ladderNodes = 5

// Plan is the class's plan for a level of the built-in node in a world: a pure
// function.
func (c Class) Plan(level, world string) (*plan.Plan, error) {
	timeout := c.timeout
	if world != run.WorldReal || level == "gms5" {
		// There is no noise and no connection in virtual time, and gms5 waits for its
		// detector alone, and is not harmed by a wrong suspicion.
		timeout = second
	}
	p, err := plan.NewPlan(plan.Options{
		Seed: "ladder-" + c.Name, Name: "ladder-" + level + "-" + c.Name, Protocol: level,
		Nodes: ladderNodes, Nemesis: []string{}, TimeLimit: c.main, Timeout: timeout,
	})
	if err != nil {
		return nil, err
	}
	p.Ops = nil
	c.write(&script{Plan: p})
	p.Limits.CallMicros = (3 * second).Microseconds()
	p.Limits.SettleMicros, p.Limits.RejoinMicros = (500 * ms).Microseconds(), (500 * ms).Microseconds()
	p.Limits.RecoverMicros, p.Limits.ProbeMicros = (20 * second).Microseconds(), (10 * second).Microseconds()
	// A group that is not to come together, or not to deliver, again is not waited
	// for as long as one that is.
	if Expected(level, c.Name, "membership-precision") != Holds {
		p.Limits.RecoverMicros = (3 * second).Microseconds()
	}
	if Expected(level, c.Name, "probe-delivery") != Holds {
		p.Limits.ProbeMicros = (2 * second).Microseconds()
	}
	return p, nil
}

// script writes a plan by hand.
type script struct {
	*plan.Plan
	words int // of chatter so far
}

// ask has a node's clients multicast messages at once, each by a client of its
// own, so that none waits for another's answer.
func (s *script) ask(at time.Duration, name string, msgs ...string) {
	for _, msg := range msgs {
		value, _ := json.Marshal(msg)
		s.Ops = append(s.Ops, workloads.Op{
			AtMicros: at.Microseconds(), Client: ladderNodes + len(s.Ops), Node: name,
			F: node.TypeMulticast, Value: value,
		})
	}
}

// chatter has all nodes multicast, each several messages at once, every 50 ms
// from a time to another.
func (s *script) chatter(from, to time.Duration, each int) {
	for at := from; at < to; at += 50 * ms {
		for _, name := range s.Nodes {
			for range each {
				s.words++
				s.ask(at, name, fmt.Sprintf("w%d", s.words))
			}
		}
	}
}

// fault adds the class's own fault, which must take hold; held is how long it
// lasts, 0: for good.
func (s *script) fault(at, held time.Duration, step nemesis.Step) {
	s.step(at, held, step)
	s.Requested = append(s.Requested, step.Fault)
}

// slow lets what from sends to to arrive so much later, if it sends anything.
func (s *script) slow(at, held time.Duration, from, to string, by time.Duration) {
	s.step(at, held, nemesis.Step{Fault: "delay", Links: [][2]string{{from, to}}, Rule: &link.Rule{Delay: by}})
}

func (s *script) step(at, held time.Duration, step nemesis.Step) {
	step.ID = fmt.Sprintf("f%d", len(s.Faults)+1)
	step.AtMicros, step.ForMicros = at.Microseconds(), held.Microseconds()
	s.Faults = append(s.Faults, step)
}
