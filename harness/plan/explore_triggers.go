package plan

import (
	"groupy/nemesis"
	"groupy/node/draw"
	"groupy/workloads"
)

// frame is a kind of message that a trigger may wait for, and who sends it.
type frame struct {
	Kind  string
	by    []string // targets; none: any node
	turn  bool     // it belongs to a view change: who sends it coordinates
	Round Round    // of the view change that it carries; none: it carries none
}

var (
	chiefs = []string{nemesis.Leader, nemesis.Leader, nemesis.Next}
	anyone []string
)

// frames is what there is to wait for, by protocol: the kinds that the cores of
// node/gms give their messages.
var frames = map[string][]frame{
	"gms1": {{"view", chiefs[:1], true, RoundCommit}, {"join", anyone, false, ""}},
	"gms2": {{"view", chiefs, true, RoundCommit}, {"join", anyone, false, ""}, {"mcast", anyone, false, ""}},
	"gms3": {{"view", chiefs, true, RoundCommit}, {"join", anyone, false, ""}, {"mcast", anyone, false, ""}},
	"gms4": {{"view", chiefs, true, RoundCommit}, {"join", anyone, false, ""}, {"mcast", anyone, false, ""}, {"nack", anyone, false, ""}},
	"gms5": {
		{"prepare", chiefs, true, RoundPrepare},
		{"accept", chiefs, true, RoundAccept},
		{"decide", chiefs, true, RoundCommit},
		{"promise", anyone, false, RoundPromise},
		{"accepted", anyone, false, RoundAccepted},
		{"prevote", anyone, false, ""},
		{"pvok", anyone, false, ""},
		{"nack", anyone, false, ""},
		{"viewreq", anyone, false, ""},
		{"join", anyone, false, ""},
		{"jchal", chiefs, false, ""},
	},
}

// crash has kills fall in the middle of a broadcast: some receivers have the
// message, the others never get it from this sender.
func (e *explorer) crash() {
	e.each([]string{"kill", "restart"}, func(k draw.Key, s *nemesis.Step) {
		if k.With("stays").Chance(0.25) {
			return
		}
		from, token := e.sender(k.With("who"), chiefs), e.message(k.With("message"), s.AtMicros)
		turns := e.turns()
		if len(turns) > 0 && k.With("view change").Chance(0.4) || token == "" {
			if len(turns) == 0 {
				return
			}
			f := turns[k.With("frame").Intn(len(turns))]
			from, token = e.sender(k.With("who"), f.by), f.Kind
			e.provoke(k.With("provoke"), s.AtMicros, from)
		}
		s.Target = from
		s.When = e.when(from, token, e.some(k.With("pass"), len(e.plan.Nodes)-2))
	})
}

// trigger has faults wait for a message of the protocol.
func (e *explorer) trigger() {
	kinds := frames[e.plan.Protocol]
	if len(kinds) == 0 {
		return // a program whose messages nobody told us of
	}
	e.each([]string{"kill", "restart", "pause", "isolate-one", "isolate-leader"}, func(k draw.Key, s *nemesis.Step) {
		if k.With("stays").Chance(0.25) {
			return
		}
		f := kinds[k.With("frame").Intn(len(kinds))]
		from := e.sender(k.With("who"), f.by)
		s.When = e.when(from, f.Kind, e.some(k.With("pass"), 1))
		if s.Groups != nil {
			s.Groups = [][]string{{from}, {nemesis.Others}}
		} else {
			s.Target = from
		}
		if f.turn {
			e.provoke(k.With("provoke"), s.AtMicros, from)
		}
	})
}

// provoke sees to it that there is a view change to hit: unless the leader
// itself is to be hit, it is paused at that time, if pauses were asked for.
func (e *explorer) provoke(k draw.Key, at int64, victim string) {
	if victim == nemesis.Leader || !e.wants("pause") || k.Chance(0.3) {
		return
	}
	e.add("provoke", nemesis.Step{
		Fault: "pause", Target: nemesis.Leader, AtMicros: at,
		ForMicros: int64(k.With("for").Between(0.8, 2.5) * float64(e.timeout)),
	})
}

// when is a trigger that does not wait for ever: what a gate holds meanwhile
// would be a fault that nobody asked for.
func (e *explorer) when(from, token string, pass []string) *nemesis.When {
	return &nemesis.When{From: from, Frame: token, Pass: pass, WithinMicros: 3 * e.timeout}
}

// turns are the frames of view changes.
func (e *explorer) turns() (list []frame) {
	for _, f := range frames[e.plan.Protocol] {
		if f.turn {
			list = append(list, f)
		}
	}
	return list
}

// sender draws one of the targets, or of the nodes where none is named.
func (e *explorer) sender(k draw.Key, by []string) string {
	if len(by) == 0 {
		by = e.plan.Nodes
	}
	return by[k.Intn(len(by))]
}

// some draws up to most nodes, none more often than any other number.
func (e *explorer) some(k draw.Key, most int) []string {
	n := k.With("number").Intn(max(most, 0) + 1)
	return draw.Shuffled(k.With("which"), e.plan.Nodes)[:n]
}

// message draws one of the next multicasts that are planned from a time on, ""
// if there is none.
func (e *explorer) message(k draw.Key, from int64) (id string) {
	var next []workloads.Op
	for _, op := range e.plan.Ops {
		if op.Message() != "" && op.AtMicros >= from && len(next) < 8 {
			next = append(next, op)
		}
	}
	if len(next) == 0 {
		return ""
	}
	return next[k.Intn(len(next))].Message()
}

// aimed reports whether a trigger waits for the operation's message.
func (e *explorer) aimed(op workloads.Op) bool {
	id := op.Message()
	for _, s := range e.plan.Faults {
		if s.When != nil && s.When.Frame == id && id != "" {
			return true
		}
	}
	return false
}

func byTime(a, b workloads.Op) int { return int(a.AtMicros - b.AtMicros) }
