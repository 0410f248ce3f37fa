package nemesis

import "groupy/node/draw"

// The leader's death at its worst moment, by a trigger on the links and not by
// luck. It is the first violation that a reader of the README sees: a level
// without a resend loses the message for all but one.

var killMidMulticast = Fault{
	Name:     "kill-mid-multicast",
	Absent:   true,
	Sentence: "the leader dies (SIGKILL) having sent a message to the next in line and to nobody else; after its time it comes back as a new incarnation and joins",
	Words:    Words{One: "is killed", Many: "are killed"},
	Plan: func(_ draw.Key, _ []string, s *Step) {
		s.Target = Leader
		s.When = &When{From: Leader, Pass: []string{Next}}
	},
	Once:  true, // a second one would meet the first one's return, and be less exact
	Begin: func(c Cluster, s *Active) error { return takeAway(c, s, c.Kill) },
	Held:  away, End: bringBack, Gone: back,
}
