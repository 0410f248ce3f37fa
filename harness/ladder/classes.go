package ladder

import (
	"time"

	"groupy/nemesis"
	"groupy/nemesis/link"
)

// The classes' scripts. n1 leads, n2 is next in line, the others follow in
// order.

func writeCalm(s *script) { s.chatter(100*ms, 900*ms, 1) }

func writeSlaveDeath(s *script) {
	s.chatter(100*ms, 1300*ms, 1)
	s.fault(500*ms, 0, nemesis.Step{Fault: "kill", Target: "n3"})
}

// deathMessage is the message in whose broadcast the leader dies. n3 asks for it.
const deathMessage = "last"

// deaths frames the death of a leader: chatter, a silence in which nothing else
// is in flight, the message, and chatter again when the group has had its time.
// A request of n4 is on its way to the leader when it dies, and dies with it.
func (s *script) deaths(again, end time.Duration) {
	s.chatter(50*ms, 200*ms, 1)
	s.slow(500*ms, 800*ms, "n4", "n1", 2*second)
	s.ask(700*ms, "n4", "request")
	s.ask(900*ms, "n3", deathMessage)
	s.chatter(again, end, 1)
}

// reached is the trigger «from has sent the token to these and to nobody else».
func reached(from, token string, to ...string) *nemesis.When {
	return &nemesis.When{From: from, Frame: token, Pass: to}
}

func writeLeaderDeath(s *script) {
	s.deaths(2400*ms, 2600*ms)
	s.fault(600*ms, 0, nemesis.Step{Fault: "kill", Target: "n1", When: reached("n1", deathMessage, "n2", "n3")})
}

func writeSkippedHeir(s *script) {
	s.deaths(2400*ms, 2600*ms)
	s.fault(600*ms, 0, nemesis.Step{Fault: "kill", Target: "n1", When: reached("n1", deathMessage, "n3")})
}

// writeTwoDeaths kills the successor when what it takes over with has reached n3
// alone: its first view, the message that it resends, or the proposal of the
// next view. Where nobody succeeds, n2 dies all the same.
func writeTwoDeaths(s *script) {
	s.deaths(4400*ms, 4600*ms)
	s.fault(600*ms, 0, nemesis.Step{Fault: "kill", Target: "n1", When: reached("n1", deathMessage, "n2", "n3")})
	token := map[string]string{"gms2": "view", "gms3": deathMessage, "gms4": deathMessage, "gms5": "accept"}[s.Protocol]
	if token == "" {
		s.fault(2000*ms, 0, nemesis.Step{Fault: "kill", Target: "n2"})
		return
	}
	s.fault(600*ms, 0, nemesis.Step{Fault: "kill", Target: "n2", When: reached("n2", token, "n3")})
}

func writeRestart(s *script) {
	s.deaths(2400*ms, 2600*ms)
	s.fault(600*ms, second, nemesis.Step{Fault: "restart", Target: "n1", When: reached("n1", deathMessage, "n2", "n3")})
}

// splitMain is the length of a main phase with a group that splits.
const splitMain = 5 * second

// writeSplit is the script of the faults that part the leader, or its heir, from
// the others for more than two timeouts: it is asked, and the others are, before
// anybody has missed it, when the others have a leader of their own, and when it
// is over.
func writeSplit(step nemesis.Step) func(*script) {
	return func(s *script) {
		s.chatter(50*ms, 200*ms, 1)
		s.fault(500*ms, 2500*ms, step)
		// Unnoticed yet: requests for the old leader, and one that only it has.
		s.ask(800*ms, "n2", "early2")
		s.ask(800*ms, "n3", "early3")
		s.ask(900*ms, "n1", "only1")
		// The others have their own leader now, which gives three numbers at least: to
		// its view and to these.
		s.ask(2300*ms, "n3", "apart3")
		s.ask(2400*ms, "n4", "apart4")
		// It is over at 3000 ms, and both go on. The old leader gives more numbers than
		// the new one has given, so that some of its are taken for new ones. n4 hears
		// it later than it hears the new one, n3 earlier.
		s.slow(3400*ms, 1000*ms, "n1", "n4", 600*ms)
		s.ask(3700*ms, "n1", "old1", "old2", "old3", "old4", "old5", "old6")
		s.ask(4000*ms, "n2", "new1", "new2")
	}
}

// The rules of the bad links, per message.
var (
	lose     = link.Rule{Drop: 0.05}
	double   = link.Rule{Duplicate: 0.1}
	overtake = link.Rule{Reorder: 0.3}
)

// writeBadLinks has so many messages cross bad links that each kind of message
// is hit; when the links are good again, the last ones show what is missing.
func writeBadLinks(fault string, rule link.Rule) func(*script) {
	return func(s *script) {
		s.fault(100*ms, 2500*ms, nemesis.Step{Fault: fault, Rule: &rule})
		s.chatter(200*ms, 2500*ms, 2)
		s.chatter(3000*ms, 3150*ms, 1)
	}
}
