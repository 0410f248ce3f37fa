package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"groupy/checker/history"
	"groupy/harness/internal/loop"
	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/nemesis"
	"groupy/node"
	"groupy/workloads"
)

// Transplant turns a recorded real run into a plan for the virtual worlds: the
// operations at the times at which they were asked, the faults at theirs and on
// the nodes that they met, and when everything reached the nodes. A failure that
// was seen once on real sockets so gets to where it can be searched and shrunk.
// What is left out is what the run loop's own waits add, and who among equals
// came first within a microsecond; nearly all runs keep their verdict, not all.
func Transplant(folder string) (*plan.Plan, error) {
	b, err := openRecorded(store.Folder(folder))
	if err != nil {
		return nil, err
	}
	for _, member := range b.members() {
		if err := b.processes[member].play(); err != nil {
			return nil, fmt.Errorf("%s cannot be transplanted, since it cannot be rebuilt: %w", folder, err)
		}
	}
	rebuilt, err := b.run()
	if err != nil {
		return nil, err
	}
	if parted, err := b.compare(rebuilt); err != nil || parted != "" {
		return nil, errors.Join(err, fmt.Errorf("%s cannot be transplanted, since it cannot be rebuilt: %s", folder, parted))
	}
	t := &transplant{b: b, invoked: map[string]time.Duration{}, faults: map[string][]history.Event{}}
	if err := t.readHistory(rebuilt); err != nil {
		return nil, err
	}
	plan := *b.plan
	plan.Spare = false // what held in the run is to hold again
	plan.Bootstrap = slices.DeleteFunc(slices.Clone(plan.Bootstrap), func(op workloads.Op) bool { return !t.asked(op) })
	plan.Ops = t.ops(b.plan.Ops)
	t.findLives()
	plan.Faults = t.steps(b.plan.Faults)
	plan.Requested = slices.DeleteFunc(slices.Clone(plan.Requested), func(name string) bool {
		return !slices.ContainsFunc(plan.Faults, func(s nemesis.Step) bool { return s.Fault == name })
	})
	if t.heal > 0 { // what was due just before the main phase's end was asked behind it
		plan.Limits.MainMicros = (t.heal - t.main).Microseconds()
	}
	plan.Observed = t.observed()
	return &plan, plan.Validate()
}

// transplant is a rebuilt run on its way to a plan. All its times are those of
// the virtual run: since the tape began, in whole microseconds.
type transplant struct {
	b       *rebuilding
	main    time.Duration
	heal    time.Duration              // 0: the run did not come to it
	invoked map[string]time.Duration   // by an operation's value
	faults  map[string][]history.Event // by the step's id
	lives   []life
	holds   []hold
}

// life is one process of a node.
type life struct {
	node   string
	member string
	began  time.Duration
	killed time.Duration // 0: it was not
	cause  string        // the fault's id
}

// hold is a time in which a fault kept messages or a process from going on.
type hold struct {
	id       string
	from, to time.Duration
	process  string    // paused
	line     [2]string // ruled, cut or reset
}

// at turns a time of the run loop into one of the virtual run: the next whole
// microsecond, so that what the run loop did upon an event comes behind it.
func (t *transplant) at(d time.Duration) time.Duration {
	return (d - t.b.tape.First + time.Microsecond - 1).Truncate(time.Microsecond)
}

// step is when a process took one of its steps; -1 is its init.
func (t *transplant) step(p *processRecord, frame int) time.Duration {
	began := t.b.tape.Began + t.b.tape.First.Microseconds()
	at := time.Duration(p.Began-began) * time.Microsecond
	if frame >= 0 {
		at += p.Frames[frame].Now
	}
	return max(at, 0)
}

func (t *transplant) readHistory(rebuilt []byte) error {
	r, err := history.NewReader(bytes.NewReader(rebuilt), store.HistoryFile)
	if err != nil {
		return err
	}
	defer r.Close()
	for e, err := range r.Events() {
		if err != nil {
			return err
		}
		switch {
		case e.Type == history.Phase && e.Phase == history.PhaseMain:
			t.main = t.at(time.Duration(e.Time))
		case e.Type == history.Phase && e.Phase == history.PhaseHeal:
			t.heal = t.at(time.Duration(e.Time))
		case e.Type == history.Invoke:
			t.invoked[e.F+" "+string(e.Value)] = t.at(time.Duration(e.Time))
		case e.Type == history.Fault:
			t.faults[e.ID] = append(t.faults[e.ID], *e)
		}
	}
	if t.main == 0 {
		return fmt.Errorf("%s never came to its main phase: there is nothing to transplant", t.b.folder)
	}
	return nil
}

// asked reports whether an operation was asked at all: its client may have been
// busy, or its phase over.
func (t *transplant) asked(op workloads.Op) bool {
	_, was := t.invoked[op.F+" "+string(op.Value)]
	return was
}

// ops are the operations that were asked, when they were.
func (t *transplant) ops(planned []workloads.Op) []workloads.Op {
	var ops []workloads.Op
	for _, op := range planned {
		if at, was := t.invoked[op.F+" "+string(op.Value)]; was {
			op.AtMicros = (at - t.main).Microseconds()
			ops = append(ops, op)
		}
	}
	slices.SortStableFunc(ops, func(a, b workloads.Op) int { return int(a.AtMicros - b.AtMicros) })
	return ops
}

// findLives goes through what the run loop did to processes.
func (t *transplant) findLives() {
	for _, d := range t.b.done {
		switch init, is := d.Body.(*node.Init); {
		case is:
			t.lives = append(t.lives, life{node: d.Node, member: node.MemberName(d.Node, init.Incarnation), began: t.at(d.At)})
		case d.What == "kill":
			if l := t.life(d.Node); l != nil && l.killed == 0 {
				l.killed, l.cause = t.afterLastStep(l.member, t.at(d.At)), t.causeOf(l.member)
			}
		}
	}
}

// life is a node's last process so far.
func (t *transplant) life(name string) *life {
	for i := len(t.lives) - 1; i >= 0; i-- {
		if t.lives[i].node == name {
			return &t.lives[i]
		}
	}
	return nil
}

// afterLastStep is when a process is to be killed that was killed at about that
// time: after all that it still did.
func (t *transplant) afterLastStep(member string, at time.Duration) time.Duration {
	if p := t.b.processes[member]; p != nil && len(p.Frames) > 0 {
		return max(at, t.step(p, len(p.Frames)-1)+time.Microsecond)
	}
	return at
}

// causeOf is the fault whose evidence names a member: it took it away.
func (t *transplant) causeOf(member string) string {
	for _, s := range t.b.plan.Faults {
		for _, e := range t.faults[s.ID] {
			if strings.Contains(string(e.Evidence), `"`+member+`"`) && e.Phase == history.FaultBegin {
				return s.ID
			}
		}
	}
	return ""
}

// steps are the faults that took hold, when and on whom they did.
func (t *transplant) steps(planned []nemesis.Step) []nemesis.Step {
	var steps []nemesis.Step
	for _, s := range planned {
		events := t.faults[s.ID]
		if len(events) == 0 || events[0].Phase != history.FaultBegin {
			continue
		}
		var v struct {
			Target string      `json:"target"`
			Node   string      `json:"node"`
			Links  [][2]string `json:"links"`
		}
		_ = json.Unmarshal(events[0].Value, &v) // our own
		s.When = nil                            // its time is known now
		if v.Target != "" {
			s.Target = v.Target // a trigger's roles are nodes there
		}
		t.aim(&s, v.Node, v.Links)
		from, to := t.span(&s, t.at(time.Duration(events[0].Time)), v.Links)
		s.AtMicros = max(0, (from - t.main).Microseconds())
		if s.ForMicros > 0 && to > from {
			s.ForMicros = (to - from).Microseconds()
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b nemesis.Step) int { return int(a.AtMicros - b.AtMicros) })
	return steps
}

// aim puts nodes where a step names roles.
func (t *transplant) aim(s *nemesis.Step, single string, pairs [][2]string) {
	if single != "" {
		s.Target = single
	}
	if s.Links != nil && len(pairs) > 0 {
		s.Links = pairs
	}
	if slices.ContainsFunc(slices.Concat(s.Groups...), nemesis.Given) && len(pairs) > 0 {
		s.Groups = oneAndOthers(pairs)
	}
	s.Groups = slices.Clone(s.Groups)
	for i, group := range s.Groups {
		s.Groups[i] = slices.Clone(group)
		for j, name := range group {
			if name == nemesis.Leader || name == nemesis.Next || name == nemesis.Joiner {
				s.Groups[i][j] = inAll(pairs, name)
			}
		}
	}
}

// oneAndOthers are the sides of a cut of which the first is one node.
func oneAndOthers(pairs [][2]string) [][]string {
	one, others := pairs[0][0], []string(nil)
	for _, p := range pairs {
		if p[0] == one {
			others = append(others, p[1])
		}
	}
	return [][]string{{one}, others}
}

// inAll is the node that is an end of all pairs, as one against the others is.
func inAll(pairs [][2]string, otherwise string) string {
	if len(pairs) == 0 {
		return otherwise
	}
	for _, name := range pairs[0] {
		if !slices.ContainsFunc(pairs, func(p [2]string) bool { return p[0] != name && p[1] != name }) {
			return name
		}
	}
	return otherwise
}

// span is from when to when a step really held, seen from what the run loop did.
// begun is when its evidence was seen.
func (t *transplant) span(s *nemesis.Step, begun time.Duration, pairs [][2]string) (from, to time.Duration) {
	targets := strings.Split(s.Target, ",")
	from, to = begun, t.at(t.b.done[len(t.b.done)-1].At)
	earliest := t.main + loop.Micros(s.AtMicros)
	first, last := true, false
	for _, d := range t.b.done {
		at := t.at(d.At)
		mine := d.ID == s.ID || d.ID == "" && slices.Contains(targets, d.Node)
		if at < earliest || !mine && d.What != "reset" {
			continue
		}
		switch d.What {
		case "rule", "kill", "pause", "send", "reset":
			_, leaves := d.Body.(*node.Leave)
			_, ends := d.Body.(*node.Shutdown)
			if first && at <= begun && (d.What != "send" || leaves && s.Fault == "leave" || ends && s.Fault == "shutdown") &&
				(d.What == "reset") == (s.Fault == "reset") && (d.What == "pause") == (s.Fault == "pause") {
				from, first = at, false
			}
		case "clear", "resume", "start":
			if !last && at > from && (d.What == "clear") == (d.ID != "") && (d.What == "resume") == (s.Fault == "pause") {
				to, last = at, true
			}
		}
	}
	from = t.settle(s, targets, from, to)
	t.keep(s, targets, pairs, from, to)
	return from, to
}

// settle moves the beginning of a fault on processes to behind what they still
// did: a signal takes its time.
func (t *transplant) settle(s *nemesis.Step, targets []string, from, to time.Duration) time.Duration {
	for _, l := range t.lives {
		if !slices.Contains(targets, l.node) || l.began > from {
			continue
		}
		switch {
		case l.killed > 0 && l.cause == s.ID:
			from = max(from, l.killed)
		case s.Fault == "pause":
			p := t.b.processes[l.member]
			for i := range p.Frames {
				if at := t.step(p, i); at >= from && at < to {
					from = at + time.Microsecond
				}
			}
		}
	}
	return from
}

// keep notes what a step held up.
func (t *transplant) keep(s *nemesis.Step, targets []string, pairs [][2]string, from, to time.Duration) {
	if s.Fault == "pause" {
		for _, name := range targets {
			t.holds = append(t.holds, hold{id: s.ID, from: from, to: to, process: name})
		}
	}
	if s.Fault == "reset" {
		to = from
	}
	for _, p := range pairs {
		t.holds = append(t.holds, hold{id: s.ID, from: from, to: to, line: p})
	}
}
