package ladder_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
	"groupy/node/gms/protocols"
)

// The original's stress test: 8 or 10 members, all sending, and ten rounds in
// which one is killed, half of the time the leader, and comes back as a new
// member. Elections must not cascade: there is one per dead leader, though the
// dead stay in the lists. Every join ends in a view or in an error.
func TestLadderStress(t *testing.T) {
	for _, level := range []string{"gms2", "gms3", "gms4"} {
		p, err := protocols.Find(level)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range max(1, *seedFlag/6) {
			for _, size := range []int{8, 10} {
				t.Run(fmt.Sprintf("%s/%d-%d", level, size, seed), func(t *testing.T) {
					stress(t, p, size, uint64(seed))
				})
			}
		}
	}
}

func stress(t *testing.T, p gms.Protocol, size int, seed uint64) {
	o := gmstest.Options{
		Protocol: p, Seed: seed, Jitter: time.Millisecond,
		Config: gms.Config{Heartbeat: beat, Timeout: silent, JoinTimeout: 5 * silent},
	}
	for i := range size {
		o.Nodes = append(o.Nodes, fmt.Sprint("n", i+1))
	}
	s := gmstest.New(o)
	if !s.Form(size) {
		t.Fatal("no group")
	}
	const rounds, each = 10, 250 * time.Millisecond
	for i, node := range s.Nodes() {
		sendNow(s, node, s.Now()+rounds*each, i, 40*time.Millisecond)
	}
	leaders := 0
	for range rounds {
		victim := s.Nodes()[s.Rand().IntN(size)]
		if s.Rand().IntN(2) == 0 {
			victim = nodeOf(leader(s))
		}
		if victim == nodeOf(leader(s)) {
			leaders++
		}
		s.Kill(victim)
		s.RunFor(upTo(s, 5*time.Millisecond))
		rejoin(t, s, victim)
		s.RunFor(each)
	}
	for _, m := range s.Running() {
		s.Multicast(nodeOf(m), "probe-"+m)
	}
	s.RunFor(10 * silent)
	r := s.Record()
	for _, pr := range append(gmstest.Safety, gmstest.Liveness[2]) { // probe-delivery
		if why := pr.Check(r); why != "" && (p.Name != "gms2" || pr.Name == "total-order") {
			t.Errorf("%s: %s", pr.Name, why)
		}
	}
	if n := count(s, ": elected, leads"); n != leaders {
		t.Errorf("%d elections for %d dead leaders", n, leaders)
	}
}

// rejoin starts a node again and asks to join until it is a member.
func rejoin(t *testing.T, s *gmstest.Sim, node string) {
	s.Start(node)
	for try := 0; try < 5; try++ {
		var contacts []string
		for range 3 {
			contacts = append(contacts, s.Nodes()[s.Rand().IntN(len(s.Nodes()))])
		}
		req := s.Join(node, contacts...)
		if !s.RunUntil(s.Now()+6*silent, func() bool { _, ok := s.Answer(req); return ok }) {
			t.Fatalf("%s joins in silence", node)
		}
		if a, _ := s.Answer(req); a.Failed == nil {
			return
		}
	}
	t.Fatalf("%s finds no group in five tries", node)
}

// leader is the head of the view that most recently was installed.
func leader(s *gmstest.Sim) string {
	for i := len(s.Events) - 1; i >= 0; i-- {
		if v, ok := s.Events[i].What.(gms.Install); ok {
			return v.Members[0]
		}
	}
	return ""
}

func nodeOf(member string) string {
	node, _, _ := strings.Cut(member, ".")
	return node
}

func count(s *gmstest.Sim, log string) int {
	n := 0
	for _, e := range s.Events {
		if l, ok := e.What.(gms.Log); ok && strings.Contains(l.Text, log) {
			n++
		}
	}
	return n
}
