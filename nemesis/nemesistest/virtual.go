package nemesistest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/node/draw"
)

// Virtual is a world of n nodes without processes or sockets, on virtual time:
// the links' real table between nodes that only talk. What is asked of a process
// shows at the next Settle, as in a real world it shows some events later.
type Virtual struct {
	nodes     []string
	processes map[string]*nemesis.Process
	asked     []func()
	table     *link.Table
	volumes   map[string]*volume
	streams   map[[2]string]*link.Stream
	now       time.Duration
}

var _ World = (*Virtual)(nil)

// NewVirtual is a world of n1 to n<n>, all running and joined, n1 the leader.
func NewVirtual(n int) *Virtual {
	w := &Virtual{
		processes: map[string]*nemesis.Process{}, volumes: map[string]*volume{}, streams: map[[2]string]*link.Stream{},
		table: link.NewVirtualTable(draw.New("virtual")),
	}
	for i := range n {
		name := fmt.Sprint("n", i+1)
		w.nodes = append(w.nodes, name)
		w.volumes[name] = newVolume()
		w.processes[name] = &nemesis.Process{Incarnation: 1, Starts: 1, PID: 100 + i, Running: true, Joined: true}
	}
	for _, from := range w.nodes {
		for _, to := range w.nodes {
			if from != to {
				w.connect(from, to)
			}
		}
	}
	return w
}

func (w *Virtual) connect(from, to string) {
	w.streams[[2]string{from, to}] = w.table.Open(from, to, nil)
}

// Nodes implements nemesis.Cluster.
func (w *Virtual) Nodes() []string { return w.nodes }

// Process implements nemesis.Cluster.
func (w *Virtual) Process(node string) nemesis.Process { return *w.processes[node] }

// Resolve implements nemesis.Cluster: the leader is the first node that runs.
func (w *Virtual) Resolve(target string) (string, error) {
	up := slices.DeleteFunc(slices.Clone(w.nodes), func(n string) bool { return !w.processes[n].Running })
	switch {
	case target == nemesis.Leader && len(up) > 0:
		return up[0], nil
	case target == nemesis.Next && len(up) > 1:
		return up[1], nil
	case target == nemesis.Joiner && len(up) > 0:
		return up[len(up)-1], nil
	case w.processes[target] != nil:
		return target, nil
	}
	return "", fmt.Errorf("nobody is %q", target)
}

// Spare implements nemesis.Cluster: nobody is spared.
func (w *Virtual) Spare([]string) error { return nil }

func (w *Virtual) ask(node string, f func(p *nemesis.Process)) error {
	p := w.processes[node]
	if !p.Running {
		return fmt.Errorf("%s is down", node)
	}
	incarnation := p.Incarnation
	w.asked = append(w.asked, func() {
		if p.Incarnation == incarnation {
			f(p)
		}
	})
	return nil
}

// Kill implements nemesis.Cluster.
func (w *Virtual) Kill(node string) error {
	return w.ask(node, func(p *nemesis.Process) {
		*p = nemesis.Process{Incarnation: p.Incarnation, Starts: p.Starts, PID: p.PID}
	})
}

// Pause implements nemesis.Cluster.
func (w *Virtual) Pause(node string) error {
	return w.ask(node, func(p *nemesis.Process) { p.Paused = true })
}

// Resume implements nemesis.Cluster.
func (w *Virtual) Resume(node string) error {
	return w.ask(node, func(p *nemesis.Process) { p.Paused = false })
}

// Shutdown implements nemesis.Cluster.
func (w *Virtual) Shutdown(node string) error { return w.Kill(node) }

// Leave implements nemesis.Cluster.
func (w *Virtual) Leave(node string) error { return w.Kill(node) }

// Restart implements nemesis.Cluster.
func (w *Virtual) Restart(node string) error {
	p := w.processes[node]
	if p.Running {
		return fmt.Errorf("%s is still running", node)
	}
	*p = nemesis.Process{Incarnation: p.Incarnation + 1, Starts: p.Starts + 1, PID: p.PID + 1000, Running: true}
	return w.ask(node, func(p *nemesis.Process) { p.Joined = true })
}

// Settle implements World.
func (w *Virtual) Settle() {
	for len(w.asked) > 0 {
		now := w.asked
		w.asked = nil
		for _, f := range now {
			f()
		}
	}
}

// SetRule implements nemesis.Cluster.
func (w *Virtual) SetRule(id, from, to string, r link.Rule) { w.table.SetRule(id, from, to, r) }

// ClearRules implements nemesis.Cluster.
func (w *Virtual) ClearRules(id string) {
	w.table.ClearRules(id, w.now)
	for pair, s := range w.streams {
		if s.Broken() {
			s.Reset()
			w.connect(pair[0], pair[1])
		}
	}
}

// ResetLink implements nemesis.Cluster.
func (w *Virtual) ResetLink(from, to string) {
	w.streams[[2]string{from, to}].Reset()
	w.connect(from, to)
}

// Counters implements nemesis.Cluster.
func (w *Virtual) Counters(from, to string) link.Counters { return w.table.Counters(from, to) }

// word is a message of ten bytes.
type word struct{}

// Bytes implements link.Frame.
func (word) Bytes() []byte { return []byte("0123456789") }

// Size implements link.Frame.
func (word) Size() int { return 10 }

// Talk implements World. It ends when nothing is on its way any more.
func (w *Virtual) Talk(n int) map[[2]string]int { return w.talk(n, link.Whole) }

// TalkUnframed is Talk in a protocol whose messages the links cannot tell apart.
func (w *Virtual) TalkUnframed(n int) map[[2]string]int { return w.talk(n, link.Raw) }

func (w *Virtual) talk(n int, kind link.Kind) map[[2]string]int {
	heard := map[[2]string]int{}
	for _, name := range w.nodes {
		if p := w.processes[name]; p.Running && !p.Paused {
			w.volumes[name].use()
		}
	}
	for range n {
		for pair, s := range w.streams {
			if from := w.processes[pair[0]]; from.Running && !from.Paused {
				s.Send(word{}, kind, w.now)
			}
		}
		w.now += time.Millisecond
	}
	for {
		busy := false
		for _, pair := range slices.SortedFunc(maps.Keys(w.streams), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
			s := w.streams[pair]
			if to := w.processes[pair[1]]; to.Running && !to.Paused {
				heard[pair] += len(s.Pop(nil, w.now))
				s.Done(true)
			} else {
				s.Pop(nil, w.now)
				s.Done(false)
			}
			_, more := s.Next()
			busy = busy || more
		}
		if !busy {
			return heard
		}
		w.now += time.Millisecond
	}
}
