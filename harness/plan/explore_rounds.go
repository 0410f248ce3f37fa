package plan

import (
	"encoding/json"
	"slices"

	"groupy/nemesis"
	"groupy/node/draw"
)

// Round is one of the rounds by which a group agrees on what comes next. The final
// log of a view travels with promises and with what is accepted.
type Round string

// The rounds, in their order.
const (
	RoundPrepare  Round = "prepare"  // a coordinator asks who would follow
	RoundPromise  Round = "promise"  // and is answered
	RoundAccept   Round = "accept"   // it says what is to come
	RoundAccepted Round = "accepted" // and is answered
	RoundCommit   Round = "commit"   // the decision, or the new view, is passed on
	RoundTransfer Round = "transfer" // a newcomer is given the state
)

// Rounds is the visible list.
var Rounds = []Round{RoundPrepare, RoundPromise, RoundAccept, RoundAccepted, RoundCommit, RoundTransfer}

// carries reports whether a protocol has messages of a round that are known. Any of
// them may carry an application whose members give each other their state.
func carries(protocol string, r Round) bool {
	return slices.ContainsFunc(frames[protocol], func(f frame) bool { return f.Round == r || r == RoundTransfer })
}

// answers are the messages by which a synced member gives its state away, by
// application.
var answers = map[string]string{"colour": "answer", "map": "gives"}

// RoundFrames are the messages of the plan's protocol that carry a round, in the
// order of rounds; none for a program whose messages nobody told us of.
func RoundFrames(p *Plan) (list []frame) {
	for _, f := range frames[p.Protocol] {
		if f.Round != "" {
			list = append(list, f)
		}
	}
	var config struct {
		App string `json:"app"`
	}
	_ = json.Unmarshal(p.Config, &config) // our own
	if token := answers[config.App]; token != "" && len(list) > 0 {
		list = append(list, frame{token, anyone, false, RoundTransfer})
	}
	return list
}

// siege is one view change under attack. Its leader is lost to the others for
// about as long as it takes them to miss it, so that it is back in the middle of
// what they do; then faults strike rounds of the view change, whoever coordinates.
type siege struct {
	*explorer
	key draw.Key
	at  int64 // µs, when the leader is lost
}

// rounds lays siege to view changes, one after another. Most runs that choose their
// faults themselves have then nothing else, but for what their workload is made of:
// what a siege needs is rare enough.
func (e *explorer) rounds() {
	if swarmed(e.wanted) && e.key.With("alone").Chance(0.7) {
		e.plan.Faults = slices.DeleteFunc(e.plan.Faults, func(s nemesis.Step) bool { return !slices.Contains(e.own, s.Fault) })
		e.fixed, e.alone = len(e.plan.Faults), true
	}
	at := int64(e.key.With("first").Between(0.2, 2) * float64(e.timeout))
	for i := uint64(0); at < e.plan.Limits.MainMicros-2*e.timeout; i++ {
		s := &siege{e, e.key.With("siege").At(i), at}
		s.lay()
		at += int64(s.key.With("next").Between(3, 6) * float64(e.timeout))
	}
}

// lay draws a siege: how the leader is lost, and up to three strikes, in the order
// of the rounds that they wait for.
func (s *siege) lay() {
	s.loseLeader()
	list := RoundFrames(s.plan)
	n := 1
	if x := s.key.With("strikes").Float(); x > 0.85 {
		n = 3
	} else if x > 0.4 {
		n = 2
	}
	var places []int
	for i := range n {
		places = append(places, s.place(s.key.With("round").At(uint64(i)), list))
	}
	slices.Sort(places)
	for i, place := range places {
		k := s.key.With("strike").At(uint64(i))
		if len(list) == 0 {
			s.blind(k)
			continue
		}
		s.strike(k, list[place])
	}
}

// place draws one of the frames. The rounds that go out to all are twice as likely:
// they can be stopped between two receivers.
func (s *siege) place(k draw.Key, list []frame) int {
	var places []int
	for i, f := range list {
		if places = append(places, i); f.turn {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return 0
	}
	return places[k.Intn(len(places))]
}

// span draws a length between two numbers of timeouts.
func (s *siege) span(k draw.Key, least, most float64) int64 {
	return int64(k.With("for").LogBetween(least, most) * float64(s.timeout))
}

// loseLeader has the group miss its leader, most often only for a while.
func (s *siege) loseLeader() {
	k := s.key.With("leader")
	length := s.span(k, 1, 2)
	s.wish(k, []choice{
		{5, nemesis.Step{Fault: "pause", Target: nemesis.Leader}},
		{3, nemesis.Step{Fault: "isolate-leader", Groups: [][]string{{nemesis.Leader}, {nemesis.Others}}}},
		{1, nemesis.Step{Fault: "one-way", Groups: [][]string{{nemesis.Leader}, {nemesis.Others}}}},
		{1, nemesis.Step{Fault: "restart", Target: nemesis.Leader}},
		{1, nemesis.Step{Fault: "kill", Target: nemesis.Leader}},
	}, s.at, length, nil)
}

// choice is a step with its weight.
type choice struct {
	weight float64
	step   nemesis.Step
}

// wish adds one of the choices, of a kind that was asked for. None if there is none.
func (s *siege) wish(k draw.Key, choices []choice, at, length int64, when *nemesis.When) {
	var weights []float64
	var places []string
	by := map[string]nemesis.Step{}
	for _, c := range choices {
		if s.wants(c.step.Fault) {
			name := string(rune('a' + len(places)))
			places, weights = append(places, name), append(weights, c.weight)
			by[name] = c.step
		}
	}
	if len(places) == 0 {
		return
	}
	step := by[pick(k.With("how"), places, weights)]
	step.AtMicros, step.ForMicros, step.When = at, length, when
	s.add("round", step)
}

// strike hits one round. What goes out to all is stopped between two receivers, and
// what follows befalls those that have it, those that have not, or who sent it; an
// answer is hit as it is on its way.
func (s *siege) strike(k draw.Key, f frame) {
	length := s.span(k, 0.8, 3)
	if f.Round == RoundPromise || f.Round == RoundAccepted {
		s.wish(k, []choice{
			{3, nemesis.Step{Fault: "restart", Target: nemesis.Sender}},
			{1, nemesis.Step{Fault: "kill", Target: nemesis.Sender}},
			{1, nemesis.Step{Fault: "pause", Target: nemesis.Sender}},
			{1, nemesis.Step{Fault: "pause", Target: nemesis.Leader}},
			{1, nemesis.Step{Fault: "isolate-one", Groups: [][]string{{nemesis.Sender}, {nemesis.Others}}}},
		}, s.at, length, s.whenever(f.Kind, []string{nemesis.Receiver}))
		return
	}
	s.wish(k, []choice{
		{3, nemesis.Step{Fault: "isolate-one", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}}},
		{2, nemesis.Step{Fault: "one-way", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}}},
		{2, nemesis.Step{Fault: "isolate-one", Groups: [][]string{{nemesis.Sender}, {nemesis.Others}}}},
		{3, nemesis.Step{Fault: "pause", Target: nemesis.Sender}},
		{1, nemesis.Step{Fault: "pause", Target: nemesis.Leader}},
		{2, nemesis.Step{Fault: "kill", Target: nemesis.Sender}},
		{1, nemesis.Step{Fault: "restart", Target: nemesis.Passed}},
	}, s.at, length, s.whenever(f.Kind, s.reached(k.With("pass"))))
}

// reached draws who has the message: often nobody, so that the sender alone knows of
// it; or the leader, who may be about to go on as if nothing had been, and fewer than
// make a majority with it; or any number
// of nodes but all.
func (s *siege) reached(k draw.Key) []string {
	switch x := k.With("who").Float(); {
	case x < 0.3:
		return nil
	case x < 0.7:
		return append(s.some(k, (len(s.plan.Nodes)-1)/2-1), nemesis.Leader)
	}
	return s.some(k, len(s.plan.Nodes)-2)
}

// blind hits a view change whose messages nobody named, by position: who is the first
// to send so many frames from about the time on when the leader is missed.
func (s *siege) blind(k draw.Key) {
	at := s.at + s.span(k.With("at"), 0.8, 1.4)
	when := s.whenever(nemesis.AnyFrame, s.some(k.With("pass"), 1))
	when.Skip = k.With("skip").Intn(8)
	s.wish(k, []choice{
		{3, nemesis.Step{Fault: "isolate-one", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}}},
		{2, nemesis.Step{Fault: "one-way", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}}},
		{3, nemesis.Step{Fault: "pause", Target: nemesis.Sender}},
		{1, nemesis.Step{Fault: "kill", Target: nemesis.Sender}},
		{1, nemesis.Step{Fault: "restart", Target: nemesis.Sender}},
	}, at, s.span(k, 0.3, 3), when)
}

// whenever is a trigger that the first to send the frame springs.
func (s *siege) whenever(token string, pass []string) *nemesis.When {
	return s.when(nemesis.Anyone, token, pass)
}
