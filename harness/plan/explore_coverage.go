package plan

import (
	"slices"

	"groupy/nemesis"
	"groupy/node/draw"
	"groupy/workloads"
)

// seek has each fault go for one of the moments of the protocol, and most likely
// for one that its kind has met least. Processes that go away do so at their
// planned time or by a trigger soon after: moved at will, they could be too many
// at once.
func (e *explorer) seek() {
	var kinds []string
	for _, f := range nemesis.Faults {
		kinds = append(kinds, f.Name)
	}
	moments := slices.Clone(anyMoments)
	rounds := RoundFrames(e.plan)
	for _, f := range rounds {
		moments = append(moments, string(f.Round))
	}
	e.each(kinds, func(k draw.Key, s *nemesis.Step) {
		met := e.met[s.Fault]
		var weights []float64
		for i, m := range moments {
			// Twice as likely at most, since a kind may be unable to meet a moment.
			weights = append(weights, 1+1/float64(1+met[m]))
			if i >= len(anyMoments) { // all rounds together are as likely as one other moment
				weights[i] /= float64(len(rounds))
			}
		}
		f, err := nemesis.Find(s.Fault)
		if err != nil {
			return // the plan's validation says so
		}
		e.meet(k, s, pick(k.With("moment"), moments, weights), !f.Absent)
	})
}

// meet shapes a step so that it is likely to meet the group at a moment.
func (e *explorer) meet(k draw.Key, s *nemesis.Step, moment string, movable bool) {
	switch moment {
	case MomentIdle:
		e.still(s.AtMicros-e.timeout/2, s.AtMicros)
	case MomentInFlight:
		if token := e.message(k.With("message"), s.AtMicros); token != "" {
			e.await(k, s, e.sender(k.With("who"), chiefs), token, len(e.plan.Nodes)-2)
		}
	case MomentViewChange:
		if turns := e.turns(); len(turns) > 0 {
			f := turns[k.With("frame").Intn(len(turns))]
			from := e.sender(k.With("who"), f.by)
			e.await(k, s, from, f.Kind, len(e.plan.Nodes)-2)
			e.provoke(k.With("provoke"), s.AtMicros, from)
		}
	case MomentJoin:
		from, back := e.returning(k.With("who"), s)
		if movable && back > 0 {
			s.AtMicros = back
		}
		if len(frames[e.plan.Protocol]) > 0 {
			e.await(k, s, from, "join", 1)
		}
	case MomentRecovery:
		if other := e.other(k.With("after"), s); movable && other != nil {
			at := other.AtMicros
			if other.ForMicros > 0 && k.With("its end").Chance(0.5) {
				at += other.ForMicros
			}
			s.AtMicros = min(at+int64(k.With("gap").LogBetween(0.02, 1.5)*float64(e.timeout)), e.plan.Limits.MainMicros*9/10)
		}
	default:
		e.strikes(k, s, moment)
	}
}

// strikes has a step wait for a message of a round, whoever is the first to send one,
// and befall the sender if it befalls a single node.
func (e *explorer) strikes(k draw.Key, s *nemesis.Step, round string) {
	for _, f := range RoundFrames(e.plan) {
		if string(f.Round) == round {
			e.await(k, s, nemesis.Anyone, f.Kind, len(e.plan.Nodes)-2)
			if !f.turn {
				s.When.Pass = []string{nemesis.Receiver}
			}
			e.provoke(k.With("provoke"), s.AtMicros, nemesis.Anyone)
		}
	}
}

// await has a step wait until from has sent a frame to some and not to all; one
// that befalls a single node befalls most likely that one.
func (e *explorer) await(k draw.Key, s *nemesis.Step, from, token string, most int) {
	s.When = e.when(from, token, e.some(k.With("pass"), most))
	if from == nemesis.Anyone {
		from = nemesis.Sender
	}
	switch {
	case k.With("another").Chance(0.25):
	case slices.Contains([]string{"kill", "restart", "pause"}, s.Fault):
		s.Target = from
	case slices.Contains([]string{"isolate-one", "isolate-leader"}, s.Fault):
		s.Groups = [][]string{{from}, {nemesis.Others}}
	}
}

// still takes away the operations between two times that no trigger waits for.
func (e *explorer) still(from, to int64) {
	e.plan.Ops = slices.DeleteFunc(e.plan.Ops, func(op workloads.Op) bool {
		return op.AtMicros >= from && op.AtMicros < to && !e.aimed(op)
	})
}

// returning is a node that comes back, and a time shortly before it does; any
// node and 0 if none is planned to.
func (e *explorer) returning(k draw.Key, s *nemesis.Step) (name string, at int64) {
	for _, i := range e.shuffled(k) {
		o := &e.plan.Faults[i]
		f, err := nemesis.Find(o.Fault)
		if o.ID != s.ID && err == nil && f.Absent && slices.Contains(e.plan.Nodes, o.Target) {
			return o.Target, max(0, o.AtMicros+o.ForMicros-e.timeout/10)
		}
	}
	return e.sender(k, anyone), 0
}

// other is any other step; nil if there is none.
func (e *explorer) other(k draw.Key, s *nemesis.Step) *nemesis.Step {
	for _, i := range e.shuffled(k) {
		if o := &e.plan.Faults[i]; o.ID != s.ID {
			return o
		}
	}
	return nil
}

// shuffled are the places of the plan's own steps, in random order.
func (e *explorer) shuffled(k draw.Key) []int {
	list := make([]int, e.fixed)
	for i := range list {
		list[i] = i
	}
	slices.SortFunc(list, func(a, b int) int {
		ka, kb := k.With(e.plan.Faults[a].ID).Uint64(), k.With(e.plan.Faults[b].ID).Uint64()
		switch {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
	return list
}
