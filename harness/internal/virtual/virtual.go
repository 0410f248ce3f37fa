package virtual

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/nemesis/link"
	"groupy/node"
	"groupy/node/draw"
)

// Latencies of the simulated network without any fault: a message takes between
// these, by chance. A request from the harness takes the shorter one.
const (
	minLatency = 50 * time.Microsecond
	maxLatency = 200 * time.Microsecond
)

// maxStandstill is how many things may happen without virtual time going on; a
// group that does more never ends.
const maxStandstill = 1_000_000

// VirtualConfig is what a virtual world is made of.
type VirtualConfig struct {
	Nodes  []string
	Seed   string
	Timing *timing.Timing // of a run to be followed; may be nil
	Disk   disk.Kind      // of every node; the zero value is plain
}

var _ world.World = (*Virtual)(nil)

// Virtual is a world of virtual time: one thing happens at a time, and time
// jumps to the next one. Lockstep and sim differ only in the actors that it
// makes; what takes place is the same, byte for byte.
type Virtual struct {
	config VirtualConfig
	make   func(w *Virtual, name string, incarnation int) (actor, error)
	finish func() error

	now     time.Duration
	still   int   // things that happened since time went on
	inputs  int64 // that nodes have handled
	future  moments
	key     draw.Key
	nodes   map[string]*virtualNode
	net     *network
	volumes map[string]*volume // by node
	events  []world.Event
	first   int // of events, not yet taken
	broken  error
}

// virtualNode is a node's present process.
type virtualNode struct {
	name        string
	incarnation int
	actor       actor // nil: not running
	paused      bool
	resumed     bool              // since it was last asked to pause
	waiting     []input           // what came while it was paused, or waited for its disk
	requests    map[string]int    // by type
	timers      map[string]uint64 // id → number of the setting that counts
	settings    uint64
	unheard     bool          // it has ended, and the run loop has not heard of it yet
	told        uint64        // events of it for the run loop, in an observed run
	heard       time.Duration // when the last of them is heard
	work        *work         // that the process waits for; nil: none
}

func newVirtual(c VirtualConfig, make func(*Virtual, string, int) (actor, error), finish func() error) *Virtual {
	w := &Virtual{config: c, make: make, finish: finish, key: draw.New(c.Seed).With("virtual"), nodes: map[string]*virtualNode{}, volumes: map[string]*volume{}}
	for _, name := range c.Nodes {
		w.nodes[name] = &virtualNode{name: name}
		w.volumes[name] = &volume{folder: &disk.Folder{Memory: disk.NewMemory(c.Disk.Model)}}
	}
	w.net = newNetwork(w, link.NewVirtualTable(draw.New(c.Seed)))
	w.followClosed()
	return w
}

func (w *Virtual) Kind() string { return "virtual" }

// Now implements World: virtual time.
func (w *Virtual) Now() time.Duration { return w.now }

// Ready implements World: a virtual world never waits.
func (w *Virtual) Ready() bool { return true }

func (w *Virtual) Links() nemesis.Links { return w.net }

// Inputs is how many requests, messages and timers the nodes have handled: what
// a run's speed is told in.
func (w *Virtual) Inputs() int64 { return w.inputs }

func (w *Virtual) Next(ctx context.Context, deadline time.Duration) (world.Event, error) {
	for {
		if w.broken != nil {
			return nil, w.broken
		}
		if w.first < len(w.events) {
			e := w.events[w.first]
			w.first++
			return e, nil
		}
		w.events, w.first = w.events[:0], 0
		at, ok := w.future.next()
		deadline := w.config.Timing.Wakes(deadline)
		if !ok || at > deadline {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			w.goOn(max(w.now, deadline))
			return nil, nil
		}
		w.goOn(at)
		if w.still++; w.still > maxStandstill {
			return nil, fmt.Errorf("%d things happened at virtual time %v and it does not go on", w.still, w.now)
		}
		w.future.happen()
	}
}

func (w *Virtual) goOn(to time.Duration) {
	if to > w.now {
		w.now, w.still = to, 0
	}
}

func (w *Virtual) Init(name string, incarnation int) node.Init {
	return node.Init{
		NodeID: name, Incarnation: incarnation, NodeIDs: w.config.Nodes,
		Seed:      world.SeedOf(w.config.Seed, name, incarnation),
		Transport: node.TransportStdio, Clock: node.ClockVirtual,
	}
}

// Start implements World. Virtual worlds tell no process id: it would be a fact
// of the machine.
func (w *Virtual) Start(name string, incarnation int) (int, error) {
	a, err := w.make(w, name, incarnation)
	if err != nil {
		return 0, err
	}
	w.nodes[name] = &virtualNode{
		name: name, incarnation: incarnation, actor: a,
		requests: map[string]int{}, timers: map[string]uint64{},
	}
	return 0, nil
}

// running gives the node if it has a process, as far as the run loop knows: what is
// done to one that has just ended does nothing.
func (w *Virtual) running(name string) (*virtualNode, error) {
	n := w.nodes[name]
	if n == nil || n.actor == nil && !n.unheard {
		return nil, fmt.Errorf("%s has no process", name)
	}
	return n, nil
}

func (w *Virtual) Send(name, src string, body any) error {
	n, err := w.running(name)
	if err != nil {
		return err
	}
	if init, is := body.(*node.Init); is {
		w.mount(n, init)
	}
	at := w.now + minLatency
	if w.config.Timing != nil {
		at = w.config.Timing.Handled(node.MemberName(name, n.incarnation), RequestName(body, n.requests), w.now, at)
	}
	if at == timing.Never {
		return nil
	}
	w.future.add(at, w.key.With("request").With(name).At(uint64(at)).Uint64(), func(time.Duration) {
		w.give(n, input{src: src, body: body})
	})
	return nil
}

// give hands an input to the process that it was for, now or when it wakes.
func (w *Virtual) give(n *virtualNode, in input) {
	switch {
	case n.actor == nil || w.nodes[n.name] != n:
	case n.paused || n.work != nil:
		n.waiting = append(n.waiting, in)
	default:
		w.step(n, in)
	}
}

func (w *Virtual) step(n *virtualNode, in input) {
	w.inputs++
	outs, err := n.actor.step(w.now, in)
	if err != nil {
		w.broken = errors.Join(w.broken, err)
		return
	}
	w.perform(n, outs)
}

// carryOut does what a node asks for, but for what is to be kept.
func (w *Virtual) carryOut(n *virtualNode, outs []output) {
	for _, out := range outs {
		switch {
		case out.exit != nil:
			w.ended(n, *out.exit)
		case out.bad != nil:
			w.tell(n, *out.bad)
		case out.keep != nil: // perform has
		case out.mail != nil:
			w.net.send(n.name, n.incarnation, out.dest, out.mail)
		case isClock(out.dest):
			w.setTimer(n, out.timer, out.after)
		default:
			w.tell(n, world.Said{Node: n.name, Incarnation: n.incarnation, Dest: out.dest, Body: out.body})
		}
	}
}

// setTimer sets, replaces or (after < 0) cancels a timer of a process.
func (w *Virtual) setTimer(n *virtualNode, id string, after time.Duration) {
	n.settings++
	mine := n.settings
	n.timers[id] = mine
	if after < 0 {
		delete(n.timers, id)
		return
	}
	at := w.now + after
	if w.config.Timing != nil {
		late, ever := w.config.Timing.Late(node.MemberName(n.name, n.incarnation), mine)
		if !ever {
			return
		}
		at += late
	}
	w.future.add(at, w.key.With("timer").With(n.name).With(id).At(uint64(at)).Uint64(), func(time.Duration) {
		if n.timers[id] == mine {
			w.give(n, input{timer: id, set: mine})
		}
	})
}

// ended takes note that a process is gone.
func (w *Virtual) ended(n *virtualNode, e world.Exited) {
	if n.actor == nil {
		return
	}
	n.actor, n.waiting, n.work, n.unheard = nil, nil, nil, true
	v := w.volumes[n.name]
	v.store = nil
	v.folder.Calls() // that it has not come to make
	w.net.senderGone(n.name, n.incarnation)
	w.tell(n, e)
}

func (w *Virtual) Kill(name string) error {
	n, err := w.running(name)
	if err != nil {
		return err
	}
	return w.takesHold(n, SignalKill, func() error {
		if err := n.actor.kill(); err != nil {
			return err
		}
		w.ended(n, world.Exited{Node: name, Incarnation: n.incarnation, Code: -1, Signal: "killed"})
		return nil
	})
}

func (w *Virtual) Pause(name string) error {
	n, err := w.running(name)
	if err != nil {
		return err
	}
	if n.paused {
		return nil
	}
	n.resumed = false
	return w.takesHold(n, SignalPause, func() error {
		if n.paused || n.resumed {
			return nil
		}
		n.paused = true
		return n.actor.pause()
	})
}

// Resume implements World. What came meanwhile is handled at once. A process
// that wakes finds both its timers run out and its mail full; which it looks at
// first is chance, as in a real one.
func (w *Virtual) Resume(name string) error {
	n, err := w.running(name)
	if err != nil {
		return err
	}
	if n.resumed = true; !n.paused || n.actor == nil {
		return nil
	}
	n.paused = false
	if err := n.actor.resume(); err != nil {
		return err
	}
	waiting := n.waiting
	n.waiting = nil
	tie := w.key.With("wake").With(name).At(uint64(w.now))
	timersFirst := tie.Chance(0.5)
	w.future.add(w.now, tie.Uint64(), func(time.Duration) {
		if n.work != nil && n.work.ready {
			w.goOnWith(n)
		}
		for _, timers := range []bool{true, false} {
			for _, in := range waiting {
				if !timersFirst && timers || timersFirst && (in.timer != "") == timers {
					w.wake(n, in)
				}
			}
		}
	})
	return nil
}

// wake gives a resumed process what waited for it, unless a timer was cancelled
// meanwhile or the process ended.
func (w *Virtual) wake(n *virtualNode, in input) {
	if in.timer != "" && n.timers[in.timer] == 0 {
		return
	}
	w.give(n, in)
}

func (w *Virtual) Paused(name string) bool {
	n := w.nodes[name]
	return n != nil && n.actor != nil && n.paused
}

func (w *Virtual) Close() error {
	for _, name := range w.config.Nodes {
		if n := w.nodes[name]; n.actor != nil {
			_ = n.actor.kill()
			n.actor = nil
		}
	}
	return w.finish()
}
