package gms5_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
)

// five is a calm group of five with gmstest's FIFO links of 1 ms.
func five(t *testing.T, o gmstest.Options) *gmstest.Sim {
	o.Protocol = gms5(t)
	s := gmstest.New(o)
	if !s.Form(5) {
		t.Fatal("no group of five")
	}
	return s
}

// recovery is the virtual time from a fault at the leader until those that are
// left deliver a message in the next view.
func recovery(t *testing.T, s *gmstest.Sim, left int, fault func()) time.Duration {
	at := s.Now()
	fault()
	s.Multicast("n4", "after")
	delivered := func() bool {
		n := 0
		for _, e := range s.Events {
			if d, ok := e.What.(gms.Deliver); ok && d.Msg == "after" {
				n++
			}
		}
		return n == left
	}
	if !s.RunUntil(at+time.Minute, delivered) {
		t.Fatal("no recovery within a minute")
	}
	return s.Now() - at
}

func TestGMS5RecoversAtOnceWhenTheConnectionCloses(t *testing.T) {
	s := five(t, gmstest.Options{})
	if d := recovery(t, s, 4, func() { s.Kill("n1") }); d > 15*time.Millisecond {
		t.Errorf("recovery took %v on links of 1 ms", d)
	} else {
		t.Logf("recovery took %v on links of 1 ms", d)
	}
}

func TestGMS5RecoversWithoutConnections(t *testing.T) {
	for _, f := range []struct {
		name  string
		left  int
		fault func(*gmstest.Sim)
	}{
		{"kill", 4, func(s *gmstest.Sim) { s.Kill("n1") }},
		{"pause", 4, func(s *gmstest.Sim) { s.Pause("n1") }},
		{"cut", 4, func(s *gmstest.Sim) { s.CutSides([]string{"n1"}, []string{"n2", "n3", "n4", "n5"}) }},
		{"halves", 3, func(s *gmstest.Sim) { s.CutSides([]string{"n1", "n2"}, []string{"n3", "n4", "n5"}) }},
		{"kill two", 3, func(s *gmstest.Sim) { s.Kill("n1"); s.Kill("n2") }},
	} {
		for shift := range 10 {
			s := five(t, gmstest.Options{NoClosed: true})
			s.RunFor(time.Duration(shift) * 13 * time.Millisecond)
			if d := recovery(t, s, f.left, func() { f.fault(s) }); d > 1250*time.Millisecond {
				t.Errorf("%s: recovery took %v with a detector of 1 s", f.name, d)
			}
		}
	}
}

// TestGMS5Calm: without faults, views change by joins alone and nobody is
// excluded, also over links with a tenth of the detector's timeout.
func TestGMS5Calm(t *testing.T) {
	for seed := range uint64(20) {
		p := planMesh(seed)
		p.steps = nil
		w := p.play(gms5(t), "", nil)
		if why, blocked := judge(w); why != "" || blocked {
			t.Fatalf("%s (blocked: %v)\n%v", why, blocked, p)
		}
		r := w.record()
		for _, e := range w.events {
			if v, ok := e.What.(gms.Evict); ok {
				t.Fatalf("%s is evicted: %s\n%v", e.Member, v.Reason, p)
			}
		}
		if k, members := lastView(r, r.Live()); len(members) != p.nodes || k > p.nodes {
			t.Fatalf("view %d %v after %d joins\n%v", k, members, p.nodes-1, p)
		}
	}
}

// TestGMS5KillsEvictNobodyElse: a crash costs its victim's place and no other.
func TestGMS5KillsEvictNobodyElse(t *testing.T) {
	for seed := range uint64(60) {
		p := planMesh(seed)
		p.gentle, p.slow = true, 20*time.Millisecond
		for i := range p.steps {
			p.steps[i].name = []string{"kill", "kill-leader", "kill-send", "kill-coord"}[p.steps[i].seed%4]
		}
		w := p.play(gms5(t), "", nil)
		if why, _ := judge(w); why != "" {
			t.Fatalf("%s\n%v", why, p)
		}
		for _, e := range w.events {
			if v, ok := e.What.(gms.Evict); ok {
				t.Fatalf("%v: %s is evicted: %s\n%v", e.At, e.Member, v.Reason, p)
			}
		}
	}
}

// TestGMS5Backpressure: with a member that acknowledges nothing the log stays
// bounded, what cannot be taken is refused for good, and what was taken is
// delivered in the end.
func TestGMS5Backpressure(t *testing.T) {
	s := five(t, gmstest.Options{Config: gms.Config{History: 20}, NoClosed: true})
	s.Pause("n5")
	var reqs []uint64
	for i := range 200 {
		reqs = append(reqs, s.Multicast("n2", fmt.Sprintf("m%d", i)))
		s.RunFor(time.Millisecond)
	}
	s.RunFor(10 * time.Second)
	taken, refused := 0, 0
	for i, req := range reqs {
		switch a, ok := s.Answer(req); {
		case !ok:
			t.Fatalf("m%d has no answer", i)
		case a.Failed == nil:
			taken++
		case a.Failed.Code == 11:
			refused++
		default:
			t.Fatalf("m%d: %v", i, a.Failed)
		}
	}
	if taken < 40 || refused == 0 {
		t.Errorf("%d taken and %d refused with a limit of 20", taken, refused)
	}
	s.Resume("n5")
	s.RunFor(time.Second)
	judgeSim(t, s)
}

func judgeSim(t *testing.T, s *gmstest.Sim) {
	t.Helper()
	r := s.Record()
	for _, p := range gmstest.Safety {
		if why := p.Check(r); why != "" {
			t.Errorf("%s: %s", p.Name, why)
		}
	}
}

// TestGMS5StallSuspectsNobody: all members freeze at once, longer than the
// detector's patience; whoever wakes first must not accuse the rest.
func TestGMS5StallSuspectsNobody(t *testing.T) {
	s := five(t, gmstest.Options{NoClosed: true})
	for _, n := range s.Nodes() {
		s.Pause(n)
	}
	s.RunFor(5 * time.Second)
	for _, n := range []string{"n3", "n2", "n4", "n1", "n5"} {
		s.Resume(n)
		s.RunFor(20 * time.Millisecond)
	}
	s.RunFor(5 * time.Second)
	for _, e := range s.Events {
		if v, ok := e.What.(gms.Install); ok && v.View > "5" {
			t.Fatalf("%v %v", e.At, e)
		}
	}
}

// TestGMS5Reset: connections that close while everybody lives cost no place.
func TestGMS5Reset(t *testing.T) {
	s := five(t, gmstest.Options{})
	for _, n := range s.Nodes()[1:] {
		s.CutSides([]string{"n1"}, []string{n})
	}
	s.Heal()
	s.RunFor(5 * time.Second)
	for _, e := range s.Events {
		if _, ok := e.What.(gms.Evict); ok {
			t.Fatalf("%v %v", e.At, e)
		}
	}
	judgeSim(t, s)
}

// TestGMS5MessagesRoundTrip: what a member decodes is what the other sent, and
// client message ids stand in the frame as JSON strings, where triggers look.
func TestGMS5MessagesRoundTrip(t *testing.T) {
	proto, seen := gms5(t), map[string]bool{}
	names := []string{"n1", "n2"}
	inbox := map[string][]gms.Input{}
	cores := map[string]gms.Core{}
	pass := func(from string, effects []gms.Effect) {
		for _, e := range effects {
			if soon, ok := e.(gms.SetTimer); ok && soon.After == 0 {
				inbox[from] = append(inbox[from], gms.Timer{ID: soon.ID})
			}
			send, ok := e.(gms.Send)
			if !ok {
				continue
			}
			raw, err := json.Marshal(send.Message)
			if err != nil {
				t.Fatal(err)
			}
			got, err := proto.Decode(raw)
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			if diff := cmp.Diff(send.Message, got); diff != "" {
				t.Errorf("%s: %s", raw, diff)
			}
			kind := send.Message.Kind()
			seen[kind] = true
			if kind == "order" && !strings.Contains(string(raw), `"msg":"m1"`) {
				t.Errorf("no message id in %s", raw)
			}
			to, _, _ := strings.Cut(send.To, ".")
			inbox[to] = append(inbox[to], gms.Receive{From: from + ".1", Message: got})
		}
	}
	step := func(n string, in gms.Input) { pass(n, slices.Clone(cores[n].Step(0, in))) }
	for _, n := range names {
		cores[n] = proto.New(gms.Config{Node: n, Incarnation: 1, Nodes: names})
	}
	step("n1", gms.Join{Req: 1})
	step("n2", gms.Join{Req: 2, Contacts: []string{"n1"}})
	for turn := range 20 {
		if turn == 12 {
			step("n2", gms.Multicast{Req: 3, Msg: "m1", Payload: json.RawMessage(`{"a":1}`)})
		}
		if turn == 18 {
			step("n1", gms.Timer{ID: "tick"}) // the leader's sign of life
		}
		for _, n := range names {
			waiting := inbox[n]
			inbox[n] = nil
			for _, in := range waiting {
				step(n, in)
			}
		}
	}
	for _, kind := range []string{"join", "jchal", "jresp", "decide", "ack", "hb", "submit", "order"} {
		if !seen[kind] {
			t.Errorf("no %s was sent", kind)
		}
	}
	for _, bad := range []string{`{"kind":"what"}`, `{"kind":"accept","ballot":{"round":1,"by":"n1.1"}}`, `{"kind":"decide"}`, `[`} {
		if _, err := proto.Decode([]byte(bad)); err == nil {
			t.Errorf("%s is taken for a message", bad)
		}
	}
}

// TestGMS5AssertsItsInvariants: a decision that contradicts what was delivered
// stops the process; of a muted core it is logged, and the harness must find it.
func TestGMS5AssertsItsInvariants(t *testing.T) {
	proto := gms5(t)
	forged, err := proto.Decode([]byte(`{"kind":"decide","view":1,"decision":{"view":1,"old":["n1.1"],
		"value":{"members":["n1.1"]},"last":{"n1.1":0}}}`))
	if err != nil {
		t.Fatal(err)
	}
	said := func(muted bool) (said string) {
		c := proto.New(gms.Config{Node: "n1", Incarnation: 1, Nodes: []string{"n1", "n2"}, Muted: muted})
		defer func() {
			if r := recover(); r != nil {
				said = fmt.Sprint("panic: ", r)
			}
		}()
		c.Step(0, gms.Join{Req: 1})
		c.Step(0, gms.Multicast{Req: 2, Msg: "m1"})
		c.Step(0, gms.Timer{ID: "soon"})
		for _, e := range c.Step(0, gms.Receive{From: "n2.1", Message: forged}) {
			if l, ok := e.(gms.Log); ok && said == "" && strings.Contains(l.Text, "invariant") {
				said = l.Text
			}
		}
		return said
	}
	const broken = "gms5 invariant I3 broken at n1.1: view 1 ends after 0 places, from 0 on; 1 were delivered"
	if got := said(false); got != "panic: "+broken {
		t.Errorf("got %q", got)
	}
	if got := said(true); got != broken {
		t.Errorf("muted: %q", got)
	}
}

// TestGMS5Repeats: the same run twice gives the same events, so nothing in the
// core hangs on the order of a map.
func TestGMS5Repeats(t *testing.T) {
	for seed := range uint64(10) {
		p := planMesh(seed)
		a, b := p.play(gms5(t), "", nil), p.play(gms5(t), "", nil)
		if diff := cmp.Diff(a.events, b.events); diff != "" || a.sends != b.sends {
			t.Fatalf("seed %d: %d and %d sends, %.500s", seed, a.sends, b.sends, diff)
		}
	}
}
