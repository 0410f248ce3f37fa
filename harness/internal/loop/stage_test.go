package loop

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/nemesis/disk"
	"groupy/nemesis/link"
	"groupy/nemesis/nemesistest"
	"groupy/node"
	"groupy/workloads"
)

// stage is a run that stands still in its main phase, for faults to be tried on:
// what a fault sees and does is the run's own cluster. Members of gms5 send one
// another signs of life without end, and those are the talk.
type stage struct {
	cluster
	t     testing.TB
	rules map[string]bool // fault ids that hold rules
	off   map[string]bool // nodes that a fault has taken away or frozen
	quiet bool            // the group has settled since the last of these
}

const (
	stageBeat    = 20 * time.Millisecond
	stageTimeout = 2 * time.Second
	stageSteady  = time.Second      // in which views that a fault has begun to change do change
	stagePatient = 30 * time.Second // for what must come; a slow machine takes its time
	stageBrief   = 2 * time.Second  // for what may never come under a fault
)

func stageOptions(nodes int) plan.Options {
	return plan.Options{Nodes: nodes, Protocol: "gms5", Heartbeat: stageBeat, Timeout: stageTimeout}
}

// newStage forms a group. When it returns all are in one view.
func newStage(t testing.TB, o plan.Options, open func(testing.TB, *plan.Plan) world.World) *stage {
	t.Helper()
	o.Seed, o.Nemesis = "stage", []string{}
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Limits.StartMicros = stagePatient.Microseconds()
	w := open(t, p)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newRunner(p, w, func(bool) (*history.Writer, error) {
		return history.NewWriter(io.Discard, history.Header{World: w.Kind(), Nodes: p.Nodes})
	}, hclog.NewNullLogger(), nil)
	for _, p := range phases[:2] { // start and bootstrap
		r.phase = p.name
		p.enter(r)
		if done, err := r.await(context.Background(), w.Now()+stagePatient, func() bool { return p.done(r) }); err != nil || !done {
			t.Fatalf("phase %s: done %v, %v; %s", p.name, done, err, r.views())
		}
	}
	r.phase = history.PhaseMain
	return &stage{cluster: r.cluster(), t: t, rules: map[string]bool{}, off: map[string]bool{}, quiet: true}
}

// calm reports whether no fault is in force, as far as it went through here.
func (s *stage) calm() bool { return len(s.rules) == 0 && len(s.off) == 0 }

// wait runs the loop until done, which it asks also while nothing happens.
func (s *stage) wait(most time.Duration, done func() bool) {
	s.t.Helper()
	for end := s.r.world.Now() + most; s.r.world.Now() < end; {
		ok, err := s.r.await(context.Background(), s.r.world.Now()+stageBeat/2, done)
		if err != nil {
			s.t.Fatal(err)
		}
		if ok {
			return
		}
	}
}

// Talk implements nemesistest.World: it waits until n more messages have passed
// on every link between nodes that can. Under a fault it gives up on a link that
// lets nothing pass while another lets pass twice as many.
func (s *stage) Talk(n int) map[[2]string]int {
	s.t.Helper()
	s.keepSomething()
	before := map[[2]string]int64{}
	for _, pair := range s.pairs() {
		before[pair] = s.Counters(pair[0], pair[1]).Passed
	}
	passed := func(pair [2]string) int64 { return s.Counters(pair[0], pair[1]).Passed - before[pair] }
	most := stagePatient
	if !s.calm() {
		most = stageBrief
	}
	s.wait(most, func() bool {
		least, top := int64(n), int64(0)
		for _, pair := range s.pairs() {
			least, top = min(least, passed(pair)), max(top, passed(pair))
		}
		return least >= int64(n) || !s.calm() && top >= 2*int64(n)
	})
	heard := map[[2]string]int{}
	for _, pair := range s.pairs() {
		heard[pair] = int(min(int64(n), passed(pair)))
	}
	return heard
}

// keepSomething gives the nodes something to keep, where their disks are looked at.
func (s *stage) keepSomething() {
	for _, name := range s.r.plan.Nodes {
		if m := s.r.nodes[name]; s.r.plan.Disk != "" && m.in() && m.ready {
			op := workloads.Op{Client: len(s.r.clients), Node: name, F: node.TypeMulticast, Value: Raw(fmt.Sprint("kept", len(s.r.clients)))}
			s.r.operate(op, nil)
		}
	}
}

func (s *stage) pairs() (pairs [][2]string) {
	for _, from := range s.Nodes() {
		for _, to := range s.Nodes() {
			if from != to {
				pairs = append(pairs, [2]string{from, to})
			}
		}
	}
	return pairs
}

// Settle implements nemesistest.World. With no fault in force the group is to be
// whole again, too, and to stay so: who was cut off may still have to hear that
// the others went on without him.
func (s *stage) Settle() {
	s.t.Helper()
	s.wait(stagePatient, s.shown)
	if !s.calm() || s.quiet {
		return
	}
	views, since := "", s.r.world.Now()
	s.wait(stagePatient, func() bool {
		now := s.r.world.Now()
		if v := s.r.views(); v != views || !s.whole() {
			views, since = v, now
		}
		return now >= since+stageSteady
	})
	if s.quiet = s.whole(); !s.quiet {
		s.t.Fatalf("the group is not whole again: %s", s.r.views())
	}
}

// shown: what was asked of processes has taken place.
func (s *stage) shown() bool {
	return s.r.every(func(m *member) bool {
		switch {
		case !m.running:
			return true
		case s.off[m.name]:
			return s.Process(m.name).Paused
		}
		return m.ready && m.asked == "" && !m.leaving
	})
}

// whole: every node runs, and all are in one view.
func (s *stage) whole() bool {
	return s.r.every(func(m *member) bool { return m.in() && !m.joining }) && s.r.settled()
}

// took notes that a fault took a node away, or froze it.
func (s *stage) took(name string, err error) error {
	if err == nil {
		s.off[name], s.quiet = true, false
	}
	return err
}

// The doings of a fault, as the run does them, noted.

func (s *stage) Kill(name string) error     { return s.took(name, s.cluster.Kill(name)) }
func (s *stage) Shutdown(name string) error { return s.took(name, s.cluster.Shutdown(name)) }
func (s *stage) Leave(name string) error    { return s.took(name, s.cluster.Leave(name)) }
func (s *stage) Pause(name string) error    { return s.took(name, s.cluster.Pause(name)) }

func (s *stage) ResetLink(from, to string) {
	s.quiet = false
	s.cluster.ResetLink(from, to)
}

func (s *stage) Resume(name string) error {
	delete(s.off, name)
	return s.cluster.Resume(name)
}

func (s *stage) Restart(name string) error {
	err := s.cluster.Restart(name)
	if err == nil {
		delete(s.off, name)
	}
	return err
}

func (s *stage) PowerOff(id, name, way string) error {
	return s.took(name, s.cluster.PowerOff(id, name, way))
}

func (s *stage) SetDisk(id, name string, r disk.Rule) error {
	s.rules[id], s.quiet = true, false
	return s.cluster.SetDisk(id, name, r)
}

func (s *stage) ClearDisks(id string) {
	delete(s.rules, id)
	s.cluster.ClearDisks(id)
}

func (s *stage) SetRule(id, from, to string, r link.Rule) {
	s.rules[id], s.quiet = true, false
	s.cluster.SetRule(id, from, to, r)
}

func (s *stage) ClearRules(id string) {
	delete(s.rules, id)
	s.cluster.ClearRules(id)
}

var _ nemesistest.World = (*stage)(nil)
