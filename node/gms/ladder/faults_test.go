package ladder_test

import (
	"fmt"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
)

// The campaigns' times. Faults begin after begin and last as long as their
// scenario says; then come heal, grace and the probes.
const (
	beat   = 10 * time.Millisecond
	silent = 100 * time.Millisecond
	begin  = 50 * time.Millisecond
	end    = 600 * time.Millisecond
)

// scenario is one fault class of the protocol tables. Its do is called at begin,
// with n1 to n3 in the group, and n4 and n5 about to join.
type scenario struct {
	name  string
	about string
	delay time.Duration // of links; default 1 ms
	jit   time.Duration
	do    func(s *gmstest.Sim)
}

// scenarios is the visible list of fault classes that the cores are run under.
var scenarios = []scenario{
	{name: "F0", about: "none, joins only", jit: time.Millisecond, do: func(*gmstest.Sim) {}},
	{name: "L0", about: "none, joins and leaves", jit: 2 * time.Millisecond, do: func(s *gmstest.Sim) {
		for _, n := range []string{"n1", pick(s, "n2", "n3")} {
			s.At(s.Now()+upTo(s, 150*time.Millisecond), func() { s.Leave(n) })
		}
	}},
	{name: "F1", about: "kill a slave", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		s.Kill(pick(s, "n2", "n3"))
	}},
	{name: "F2", about: "kill the leader in mid-broadcast; links lose nothing, all hear of it at once", do: func(s *gmstest.Sim) {
		s.KillAfter("n1", "msg", pick(s, "n2", "n3"))
	}},
	{name: "F2v", about: "as F2, in the middle of a view's broadcast", do: func(s *gmstest.Sim) {
		s.KillAfter("n1", "view", pick(s, "n2", "n3"))
		s.Start("n5")
		s.Join("n5", "n1", "n2", "n3")
	}},
	{name: "FL", about: "members leave, and the leader or the next is killed meanwhile; links lose nothing", do: func(s *gmstest.Sim) {
		s.Leave(pick(s, "n1", "n2", "n3"))
		if s.Rand().IntN(2) == 0 {
			s.Leave(pick(s, "n1", "n2"))
		}
		if s.Rand().IntN(2) == 0 {
			s.KillAfter("n1", pick(s, "view", "heir", "msg"), pick(s, "n2", "n3", "n4", "n5"))
		} else {
			victim := pick(s, "n1", "n2")
			s.At(s.Now()+upTo(s, 6*time.Millisecond), func() { s.Kill(victim) })
		}
	}},
	{name: "F3", about: "kill the leader; each link loses its own suffix", delay: 5 * time.Millisecond, jit: 20 * time.Millisecond, do: func(s *gmstest.Sim) {
		s.KillLossy("n1")
	}},
	{name: "F4", jit: 2 * time.Millisecond, about: "kill the leader, and its successor at a bad moment: before it is elected, or in its first broadcast", do: func(s *gmstest.Sim) {
		s.KillAfter("n1", "msg", pick(s, "n2", "n3"))
		switch s.Rand().IntN(3) {
		case 0:
			s.KillAfter("n2", "view", "n3")
		case 1:
			s.KillAfter("n2", "msg", "n3")
		default:
			later := upTo(s, 3*time.Millisecond)
			onceDead(s, "n1", func() { s.At(s.Now()+later, func() { s.Kill("n2") }) })
		}
	}},
	{name: "F6", about: "pause the leader longer than the detector", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		pause(s, "n1")
	}},
	{name: "F7", about: "pause a slave longer than the detector", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		pause(s, pick(s, "n2", "n3"))
	}},
	{name: "F8", about: "cut the group into two sides, heal", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		var sides [2][]string
		for _, n := range s.Nodes() {
			i := s.Rand().IntN(2)
			sides[i] = append(sides[i], n)
		}
		s.CutSides(sides[0], sides[1])
	}},
	{name: "F9", about: "cut one direction, or all links between two members that others still reach, heal", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		other := pick(s, "n2", "n3")
		switch s.Rand().IntN(3) {
		case 0:
			s.Cut("n1", other)
		case 1:
			s.CutSides([]string{"n1"}, []string{other})
		default: // a bridge: the sides share n3 alone
			s.CutSides([]string{"n1", "n5"}, []string{"n2", "n4"})
		}
	}},
	{name: "F10", about: "lose 5 % of the messages", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		links(s, func(l *gmstest.Link) { l.Drop = 0.05 })
	}},
	{name: "F11", about: "double 10 % of the messages", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		links(s, func(l *gmstest.Link) { l.Dup = 0.1 })
	}},
	{name: "F12", about: "let 20 % of the messages overtake", jit: time.Millisecond, do: func(s *gmstest.Sim) {
		links(s, func(l *gmstest.Link) { l.Reorder = 0.2 })
	}},
}

func pick(s *gmstest.Sim, of ...string) string { return of[s.Rand().IntN(len(of))] }

// onceDead calls do as soon as a node's process is gone.
func onceDead(s *gmstest.Sim, node string, do func()) {
	if !s.Runs(node) {
		do()
		return
	}
	s.At(s.Now()+time.Millisecond/10, func() { onceDead(s, node, do) })
}

func pause(s *gmstest.Sim, node string) {
	s.Pause(node)
	s.At(s.Now()+silent*time.Duration(15+s.Rand().IntN(25))/10, func() { s.Resume(node) })
}

func links(s *gmstest.Sim, do func(*gmstest.Link)) {
	for _, from := range s.Nodes() {
		for _, to := range s.Nodes() {
			do(s.Link(from, to))
		}
	}
}

// campaign plays one scenario once: concurrent senders throughout, a join in the
// middle, the fault, heal, grace, one probe per member.
func campaign(p gms.Protocol, sc scenario, seed uint64) *gmstest.Sim {
	delay := sc.delay
	if delay == 0 {
		delay = time.Millisecond
	}
	s := gmstest.New(gmstest.Options{
		Protocol: p, Seed: seed, Delay: delay, Jitter: sc.jit,
		Config: gms.Config{Heartbeat: beat, Timeout: silent, JoinTimeout: 5 * silent},
	})
	s.Form(3)
	start := s.Now()
	for i, node := range s.Nodes() {
		sendNow(s, node, start+end, i, 20*time.Millisecond)
	}
	s.At(start+begin+upTo(s, 50*time.Millisecond), func() { sc.do(s) })
	for _, node := range []string{"n4", "n5"} {
		s.At(start+upTo(s, 200*time.Millisecond), func() {
			s.Start(node)
			s.Join(node, pick(s, "n1", "n2", "n3"), "n3", "n2")
		})
	}
	s.RunFor(end)
	s.Heal()
	s.RunFor(20 * silent)
	for _, m := range s.Running() {
		s.Multicast(nodeOf(m), "probe-"+m)
	}
	s.RunFor(10 * silent)
	return s
}

// sendNow makes a node send at random moments, at most apart from each other,
// until the end.
func sendNow(s *gmstest.Sim, node string, until time.Duration, number int, apart time.Duration) {
	count := 0
	var next func()
	next = func() {
		if s.Now() > until {
			return
		}
		if s.Runs(node) {
			count++
			s.Multicast(node, fmt.Sprintf("m%d-%d", number+1, count))
		}
		s.At(s.Now()+upTo(s, apart), next)
	}
	next()
}

func upTo(s *gmstest.Sim, d time.Duration) time.Duration {
	return time.Duration(s.Rand().Int64N(int64(d)))
}
