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
	"groupy/harness/internal/timing"
	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/nemesis"
	"groupy/node"
	"groupy/workloads"
)

// Transplant turns a recorded real run into a plan for the virtual worlds: the
// operations at the times at which they were asked, the faults at theirs and on
// the nodes that they met, and when everything reached the nodes and the run loop.
// A failure that was seen once on real sockets so gets to where it can be searched
// and shrunk. Transplanted.Parting tells whether the run of the plan is that run.
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
	t := &transplant{b: b, invoked: map[string]time.Duration{}, faults: map[string]*observedStep{}}
	if err := t.readHistory(rebuilt); err != nil {
		return nil, err
	}
	t.readDoings()
	plan := *b.plan
	plan.Spare = false // what held in the run is to hold again
	plan.Bootstrap = slices.DeleteFunc(slices.Clone(plan.Bootstrap), func(op workloads.Op) bool { return !t.asked(op) })
	plan.Ops = t.ops(b.plan.Ops)
	plan.Faults = t.steps(b.plan.Faults)
	plan.Requested = slices.DeleteFunc(slices.Clone(plan.Requested), func(name string) bool {
		return !slices.ContainsFunc(plan.Faults, func(s nemesis.Step) bool { return s.Fault == name })
	})
	if t.heal > 0 { // the run loop may have looked late
		plan.Limits.MainMicros = (t.heal - t.main).Microseconds()
	}
	plan.Observed = t.observed()
	return &plan, plan.Validate()
}

// transplant is a rebuilt run on its way to a plan. All its times are those of
// the virtual run: since the tape began. Those of the run loop are as exact as the
// tape has them; a plan has them in whole microseconds, cut off, and the run loop
// that waits until then wakes when this one did (Observed.Wakes).
type transplant struct {
	b       *rebuilding
	main    time.Duration
	heal    time.Duration            // 0: the run did not come to it
	invoked map[string]time.Duration // by operation
	faults  map[string]*observedStep // by the step's id
	lives   []*life
	holds   []hold
}

// observedStep is what a fault of the plan was seen to do.
type observedStep struct {
	from, to     time.Duration   // begun and undone; 0: it was not
	proven, gone time.Duration   // when the two were written; 0: they were not
	on           json.RawMessage // nodes and links
	evidence     string          // that it held
}

// life is one process of a node.
type life struct {
	node   string
	member string
	began  time.Duration
	killed time.Duration // when that took hold; 0: it was not
	cause  string        // the fault's id
	gone   time.Duration // when it had ended; 0: it had not
	pauses []signal
	kills  []signal
}

// signal is when one was sent, and when it took hold: after all that the process
// still did.
type signal struct{ sent, held time.Duration }

// hold is a time in which a fault kept messages or a process from going on.
type hold struct {
	id       string
	from, to time.Duration
	process  string    // paused
	line     [2]string // ruled, cut or reset
}

// at turns a time of the run loop into one of the virtual run.
func (t *transplant) at(d time.Duration) time.Duration { return d - t.b.tape.First }

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
		at := t.at(time.Duration(e.Time))
		switch {
		case e.Type == history.Phase && e.Phase == history.PhaseMain:
			t.main = at
		case e.Type == history.Phase && e.Phase == history.PhaseHeal:
			t.heal = at
		case e.Type == history.Invoke:
			t.invoked[operation(e.F, e.Value, e.Msg)] = at
		case e.Type == history.Fault && e.Phase == history.FaultBegin:
			s := t.fault(e.ID)
			s.on, s.evidence, s.proven = slices.Clone(e.Value), string(e.Evidence), at
		case e.Type == history.Fault && e.Phase == history.FaultEnd:
			t.fault(e.ID).gone = at
		case e.Type == history.Fault: // it may have done something before it was given up
			t.fault(e.ID).on = slices.Clone(e.Value)
		}
	}
	if t.main == 0 {
		return fmt.Errorf("%s never came to its main phase: there is nothing to transplant", t.b.folder)
	}
	return nil
}

func (t *transplant) fault(id string) *observedStep {
	if t.faults[id] == nil {
		t.faults[id] = &observedStep{}
	}
	return t.faults[id]
}

// operation names one of a plan: by its message, which no other has.
func operation(f string, value json.RawMessage, msg string) string {
	if msg != "" {
		return f + " " + msg
	}
	return f + " " + string(value)
}

// asked reports whether an operation was asked at all: its client may have been
// busy, or its phase over.
func (t *transplant) asked(op workloads.Op) bool {
	_, was := t.invoked[operation(op.F, op.Value, op.Msg)]
	return was
}

// ops are the operations that were asked, when they were.
func (t *transplant) ops(planned []workloads.Op) []workloads.Op {
	var ops []workloads.Op
	for _, op := range planned {
		if at, was := t.invoked[operation(op.F, op.Value, op.Msg)]; was {
			op.AtMicros = (at - t.main).Microseconds()
			ops = append(ops, op)
		}
	}
	slices.SortStableFunc(ops, func(a, b workloads.Op) int { return int(a.AtMicros - b.AtMicros) })
	return ops
}

// readDoings goes through what the run loop did to processes, and when it began and
// undid its faults.
func (t *transplant) readDoings() {
	for _, d := range t.b.done {
		at := t.at(d.At)
		switch init, is := d.Body.(*node.Init); {
		case is:
			t.lives = append(t.lives, &life{node: d.Node, member: node.MemberName(d.Node, init.Incarnation), began: at})
		case d.What == "comment":
			if id, ok := loop.BeganStep(d.ID); ok {
				t.fault(id).from = at
			} else if id, ok := loop.EndedStep(d.ID); ok {
				t.fault(id).to = at
			}
		case d.What == "kill" || d.What == "pause":
			t.signalled(d.What, d.Node, at)
		}
	}
	for _, l := range t.lives {
		if l.killed > 0 {
			l.cause = t.causeOf(l.member)
		}
	}
	for _, e := range t.b.tape.Exits() {
		for _, l := range t.lives {
			if l.gone == 0 && l.member == node.MemberName(e.Node, e.Incarnation) {
				l.gone = t.at(e.At)
			}
		}
	}
}

func (t *transplant) signalled(what, name string, at time.Duration) {
	l := t.life(name, at)
	if l == nil {
		return
	}
	if what == "kill" {
		s := signal{at, t.quietFrom(l.member, at, timing.Never)}
		if l.kills = append(l.kills, s); l.killed == 0 {
			l.killed = s.held
		}
		return
	}
	resumed := timing.Never
	for _, d := range t.b.done {
		if d.What == "resume" && d.Node == name && t.at(d.At) > at {
			resumed = t.at(d.At)
			break
		}
	}
	l.pauses = append(l.pauses, signal{at, t.quietFrom(l.member, at, resumed)})
}

// quietFrom is when a process is to be still that was given a signal: after all
// steps that it still took until a time.
func (t *transplant) quietFrom(member string, at, until time.Duration) time.Duration {
	if p := t.b.processes[member]; p != nil {
		for i := len(p.Frames) - 1; i >= 0; i-- {
			if last := t.step(p, i); last < until {
				return max(at, last+time.Microsecond)
			}
		}
	}
	return at
}

// life is a node's process at a time, the last that had begun by then.
func (t *transplant) life(name string, at time.Duration) *life {
	for _, l := range slices.Backward(t.lives) {
		if l.node == name && l.began <= at {
			return l
		}
	}
	return nil
}

// causeOf is the fault whose evidence names a member: it took it away.
func (t *transplant) causeOf(member string) string {
	for _, s := range t.b.plan.Faults {
		if o := t.faults[s.ID]; o != nil && strings.Contains(o.evidence, `"`+member+`"`) {
			return s.ID
		}
	}
	return ""
}

// steps are the faults that were begun, when and on whom they were.
func (t *transplant) steps(planned []nemesis.Step) []nemesis.Step {
	var steps []nemesis.Step
	for _, s := range planned {
		o := t.faults[s.ID]
		if o == nil || o.from == 0 {
			continue
		}
		var v struct {
			Target string      `json:"target"`
			Node   string      `json:"node"`
			Links  [][2]string `json:"links"`
		}
		_ = json.Unmarshal(o.on, &v) // our own
		s.When = nil                 // its time is known now
		if v.Target != "" {
			s.Target = v.Target // a trigger's roles are nodes there
		}
		t.aim(&s, v.Node, v.Links)
		s.AtMicros = max(0, (o.from - t.main).Microseconds())
		if s.ForMicros > 0 && o.to > o.from {
			s.ForMicros = max(1, (o.to - o.from).Microseconds())
		}
		t.keep(&s, o, v.Links)
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b nemesis.Step) int { return int(a.AtMicros - b.AtMicros) })
	return steps
}

// keep notes what a step held up.
func (t *transplant) keep(s *nemesis.Step, o *observedStep, pairs [][2]string) {
	to := o.to
	switch {
	case s.Fault == "reset":
		to = o.from
	case to == 0:
		to = timing.Never
	}
	if s.Fault == "pause" {
		for name := range strings.SplitSeq(s.Target, ",") {
			t.holds = append(t.holds, hold{id: s.ID, from: o.from, to: to, process: name})
		}
	}
	for _, p := range pairs {
		t.holds = append(t.holds, hold{id: s.ID, from: o.from, to: to, line: p})
	}
}

// aim puts nodes where a step names roles.
func (t *transplant) aim(s *nemesis.Step, single string, pairs [][2]string) {
	if single != "" {
		s.Target = single
	}
	if s.Links != nil && len(pairs) > 0 {
		s.Links = pairs
	}
	roles := !slices.ContainsFunc(s.Groups, func(group []string) bool { return len(group) != 1 || !isRole(group[0]) })
	if len(pairs) > 0 && (roles && len(s.Groups) == 2 || slices.ContainsFunc(slices.Concat(s.Groups...), nemesis.Given)) {
		s.Groups = oneAndOthers(pairs)
	}
	s.Groups = slices.Clone(s.Groups)
	for i, group := range s.Groups {
		s.Groups[i] = slices.Clone(group)
		for j, name := range group {
			if isRole(name) {
				s.Groups[i][j] = inAll(pairs, name)
			}
		}
	}
}

func isRole(name string) bool {
	return name == nemesis.Leader || name == nemesis.Next || name == nemesis.Joiner
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
