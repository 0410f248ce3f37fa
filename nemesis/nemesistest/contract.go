package nemesistest

import (
	"fmt"
	"testing"

	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/nemesis/link"
	"groupy/node/draw"
)

// World is a cluster whose nodes can be watched from outside.
type World interface {
	nemesis.Cluster
	// Talk has each node that runs and is not paused send n messages to every
	// other node, and waits until those have arrived that will, and what the
	// links do has been counted. It returns how many arrived, by (from, to).
	Talk(n int) map[[2]string]int
	// Settle waits until what was asked of processes has shown.
	Settle()
}

// rounds bounds the waiting for evidence, in rounds of talk. A fault that acts
// by chance on one message in a hundred shows in far fewer.
const (
	rounds = 60
	talk   = 20 // messages per round and link
)

// Contract checks one fault in worlds that make creates, each with all nodes
// running and joined.
func Contract(t *testing.T, f nemesis.Fault, create func(t *testing.T) World) {
	t.Run("left out", func(t *testing.T) { leftOut(t, f, create(t)) })
	t.Run("injected and undone", func(t *testing.T) { injected(t, f, create(t)) })
}

// plan draws steps until one can begin. Not every draw can: a role may be
// nobody's, a group may be too small.
func plan(t *testing.T, f nemesis.Fault, c nemesis.Cluster) *nemesis.Active {
	t.Helper()
	var last error
	for i := range uint64(50) {
		s := &nemesis.Active{Step: nemesis.Step{ID: fmt.Sprint("f", i), Fault: f.Name, ForMicros: 1e6}}
		f.Plan(draw.New("contract").With(f.Name).At(i), c.Nodes(), &s.Step)
		if last = f.Begin(c, s); last == nil {
			return s
		}
	}
	t.Fatalf("%s: no plan can begin, at last: %v", f.Name, last)
	return nil
}

// leftOut plans and begins the fault with hands tied: then there is no evidence.
func leftOut(t *testing.T, f nemesis.Fault, w World) {
	tied := tied{w}
	s := plan(t, f, tied)
	for range 3 {
		calm(t, w)
		if proof := f.Held(tied, s); proof != nil {
			t.Fatalf("%s: evidence without a deed: %v", f.Name, proof)
		}
	}
}

func injected(t *testing.T, f nemesis.Fault, w World) {
	calm(t, w)
	before := look(w)
	s := plan(t, f, w)
	var proof any
	seen := ""
	for i := 0; proof == nil || seen == ""; i++ {
		if i == rounds {
			t.Fatalf("%s: evidence %v, and from outside %q, after %d rounds", f.Name, proof, seen, rounds)
		}
		heard := w.Talk(talk)
		w.Settle()
		if seen == "" {
			seen = before.unlike(w, heard)
		}
		if proof == nil {
			proof = f.Held(w, s)
		}
	}
	if f.End == nil {
		leftOut(t, f, w)
		return
	}
	for range 2 {
		if err := f.End(w, s); err != nil {
			t.Fatalf("%s: undo: %v", f.Name, err)
		}
	}
	w.Settle()
	gone := f.Gone(w, s)
	for i := 0; gone == nil; i++ {
		if i == rounds {
			t.Fatalf("%s: no evidence that it is undone", f.Name)
		}
		w.Settle()
		gone = f.Gone(w, s)
	}
	calm(t, w)
	if err := f.End(w, s); err != nil {
		t.Fatalf("%s: undo after the end: %v", f.Name, err)
	}
	leftOut(t, f, w) // what one step has done is no evidence for the next
}

// calm fails unless all nodes run and hear one another, with nothing lost,
// doubled, late or reset.
func calm(t *testing.T, w World) {
	t.Helper()
	w.Settle()
	w.Talk(1) // what a fault left in flight, or made to be connected anew
	before := look(w)
	heard := w.Talk(talk)
	if what := before.unlike(w, heard); what != "" {
		t.Fatalf("not as without a fault: %s", what)
	}
	for _, n := range w.Nodes() {
		if p := w.Process(n); !p.Running || p.Paused || !p.Joined {
			t.Fatalf("not as without a fault: %s is %+v", n, p)
		}
	}
}

// view is what an observer remembers of a world.
type view struct {
	process map[string]nemesis.Process
	count   map[[2]string]link.Counters
	disks   map[string]disk.Counters
}

func look(w World) view {
	v := view{map[string]nemesis.Process{}, map[[2]string]link.Counters{}, map[string]disk.Counters{}}
	for _, from := range w.Nodes() {
		v.disks[from] = w.DiskCounters(from)
		v.process[from] = w.Process(from)
		for _, to := range w.Nodes() {
			if from != to {
				v.count[[2]string{from, to}] = w.Counters(from, to)
			}
		}
	}
	return v
}

// unlike says what is different now, "" if nothing: processes, what was heard of
// the last talk, and what the links did to it.
func (v view) unlike(w World, heard map[[2]string]int) string {
	for _, n := range w.Nodes() {
		if now := w.Process(n); now != v.process[n] {
			return fmt.Sprintf("%s was %+v and is %+v", n, v.process[n], now)
		}
	}
	for name, was := range v.disks {
		now := w.DiskCounters(name)
		now.Writes, now.Syncs = was.Writes, was.Syncs
		if now != was {
			return fmt.Sprintf("the disk of %s counted %+v and counts %+v", name, was, now)
		}
	}
	for pair, was := range v.count {
		if heard[pair] != talk {
			return fmt.Sprintf("%s heard %d of %d from %s", pair[1], heard[pair], talk, pair[0])
		}
		now := w.Counters(pair[0], pair[1])
		now.Passed, now.Bytes, now.Refused = was.Passed, was.Bytes, was.Refused
		if now != was {
			return fmt.Sprintf("the link from %s to %s counted %+v and counts %+v", pair[0], pair[1], was, now)
		}
	}
	return ""
}

// tied is a world in which a fault can do nothing.
type tied struct{ World }

func (tied) Kill(string) error                         { return nil }
func (tied) Pause(string) error                        { return nil }
func (tied) Resume(string) error                       { return nil }
func (tied) Shutdown(string) error                     { return nil }
func (tied) Leave(string) error                        { return nil }
func (tied) Restart(string) error                      { return nil }
func (tied) SetRule(string, string, string, link.Rule) {}
func (tied) ClearRules(string)                         {}
func (tied) ResetLink(string, string)                  {}

func (tied) SetDisk(string, string, disk.Rule) error        { return nil }
func (tied) ClearDisks(string)                              {}
func (tied) PowerOff(string, string, string) error          { return nil }
func (tied) Corrupt(string, string) (map[string]int, error) { return nil, nil }
