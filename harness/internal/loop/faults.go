package loop

import (
	"errors"
	"slices"
	"strings"

	"groupy/checker/history"
	"groupy/nemesis"
	"groupy/nemesis/link"
)

// What the comments on a step's beginning and undoing end in.
const (
	beginsNow = " begins"
	endsNow   = " ends"
)

// BeganStep and EndedStep give the id of the step that a comment is about.
func BeganStep(comment string) (id string, ok bool) { return commented(comment, beginsNow) }
func EndedStep(comment string) (id string, ok bool) { return commented(comment, endsNow) }

func commented(comment, what string) (id string, ok bool) {
	id, _, _ = strings.Cut(comment, " ")
	return id, strings.HasSuffix(comment, what)
}

// stepState is where a fault is in its life (package nemesis).
type stepState int

const (
	planned    stepState = iota
	armed                // waits for its trigger
	installing           // begun, not yet proven
	inForce              // proven, and `begin` is in the history
	healing              // undone, not yet proven
	over                 // `end` is in the history, or it was over when it had happened
	skipped              // `skip` is in the history
	undoing              // skipped, but begun: its undo is not yet proven
)

// step is one fault of the plan in this run.
type step struct {
	nemesis.Active
	fault nemesis.Fault
	state stepState
	begun bool        // it has been taken, whether or not that was proven
	gates []link.Gate // that the links hold for it: one for each node that may spring its trigger
}

// settled reports whether nothing of the step is left.
func (s *step) settled() bool { return s.state == over || s.state == skipped }

// value is what exactly the step does, for the history.
func (s *step) value() any {
	value := map[string]any{"target": s.Target, "node": s.Node, "links": s.Pairs, "rule": s.Rule}
	if s.Way != "" {
		value["way"] = s.Way
	}
	if s.Disk != nil {
		value["disk"] = s.Disk
	}
	return value
}

// planFaults puts every step of the plan on the agenda.
func (r *runner) planFaults() {
	for _, planned := range r.plan.Faults {
		f, err := nemesis.Find(planned.Fault)
		if err != nil {
			panic("harness: a plan was not validated: " + err.Error())
		}
		s := &step{Active: nemesis.Active{Step: planned}, fault: f}
		r.steps = append(r.steps, s)
		r.agenda.add(r.began+Micros(s.AtMicros), func() { r.due(s) })
	}
}

// due is a step's time: it begins, or waits for its trigger from now on.
func (r *runner) due(s *step) {
	if s.state != planned {
		return
	}
	if s.When == nil {
		r.begin(s)
		return
	}
	gates, err := r.arm(s)
	if err != nil {
		r.postpone(s, err.Error())
		return
	}
	for _, g := range gates {
		if err := r.world.Links().Arm(g); err != nil {
			r.skip(s, err.Error())
			return
		}
		s.gates = append(s.gates, g)
	}
	s.state = armed
	if s.When.WithinMicros > 0 {
		r.agenda.add(r.world.Now()+Micros(s.When.WithinMicros), func() {
			if s.state == armed {
				r.finishStep(s, "")
			}
		})
	}
}

// arm gives the gates of a step that waits for a frame; one that waits for a call of a
// disk has none.
func (r *runner) arm(s *step) ([]link.Gate, error) {
	if s.When.Calls == 0 {
		return r.gatesOf(s)
	}
	c := r.cluster()
	name, err := c.Resolve(s.When.From)
	if err != nil {
		return nil, err
	}
	return nil, c.AwaitCall(s.ID, name, s.When.Calls)
}

// gatesOf are a step's gates, with targets resolved: one, or one for each node that
// runs.
func (r *runner) gatesOf(s *step) ([]link.Gate, error) {
	c := r.cluster()
	gate := link.Gate{Token: s.When.Frame, Skip: s.When.Skip}
	for _, target := range s.When.Pass {
		if target == nemesis.Receiver {
			gate.First = true
			continue
		}
		to, err := c.Resolve(target)
		if err != nil {
			return nil, err
		}
		gate.Pass = append(gate.Pass, to)
	}
	id := func(string) string { return s.ID }
	senders := []string{s.When.From}
	if s.When.From == nemesis.Anyone {
		id = func(from string) string { return s.ID + " " + from }
		senders = slices.DeleteFunc(slices.Clone(r.plan.Nodes), func(name string) bool { return !r.nodes[name].running })
	}
	var gates []link.Gate
	for _, target := range senders {
		from, err := c.Resolve(target)
		if err != nil {
			return nil, err
		}
		g := gate
		g.ID, g.From = id(from), from
		// A role may turn out to be the sender's.
		g.Pass = slices.DeleteFunc(slices.Clone(gate.Pass), func(to string) bool { return to == from })
		gates = append(gates, g)
	}
	if len(gates) == 0 {
		return nil, errors.New("no node runs that could send what the step waits for")
	}
	return gates, nil
}

// sprung: the last frame that a gate lets pass has passed. The others that could
// have sprung the trigger go on.
func (r *runner) sprung(id string) {
	for _, s := range r.steps {
		if s.state == armed && s.ID == id && s.When.Calls > 0 {
			r.begin(s)
			continue
		}
		i := slices.IndexFunc(s.gates, func(g link.Gate) bool { return g.ID == id })
		if i < 0 || s.state != armed {
			continue
		}
		g := s.gates[i]
		r.release(s, func(o link.Gate) bool { return o.ID != id })
		s.Step = s.Sprung(g.From, g.Pass, r.plan.Nodes)
		r.begin(s)
	}
}

func (r *runner) begin(s *step) {
	if err := r.record.flush(); err != nil {
		r.broken = err
		return
	}
	c := r.cluster()
	if err := s.fault.Begin(c, &s.Active); err != nil {
		r.postpone(s, err.Error())
		return
	}
	r.world.Links().Comment(s.ID + " " + s.Fault + beginsNow)
	s.state, s.begun = installing, true
	if len(s.Pairs) > 0 { // its rules are in force; what its gates hold meets them, and is the evidence
		r.release(s, every)
	}
	if s.ForMicros > 0 {
		r.agenda.add(r.world.Now()+Micros(s.ForMicros), func() { r.finishStep(s, "nothing showed that it took hold before its time was over") })
	}
}

// postpone puts off a step that cannot apply now, since its target is down, say:
// it tries again for as long as it takes a group to mend, and then is skipped. A
// trigger's moment does not come back.
func (r *runner) postpone(s *step, why string) {
	wait := Micros(r.plan.Limits.RejoinMicros)
	if s.state != planned || r.world.Now()+wait > min(r.began+Micros(s.AtMicros)+8*wait, r.began+Micros(r.plan.Limits.MainMicros)) {
		r.skip(s, why)
		return
	}
	r.agenda.add(r.world.Now()+wait/4, func() { r.due(s) })
}

// finishStep undoes a step, wherever it is in its life.
func (r *runner) finishStep(s *step, why string) {
	switch s.state {
	case planned:
		r.skip(s, "the main phase was over before its time")
	case armed:
		r.skip(s, "what it waited for never came")
	case installing:
		if s.fault.Why != nil {
			if known := s.fault.Why(r.cluster(), &s.Active); known != "" {
				why = known
			}
		}
		r.undo(s)
		r.skip(s, why)
		s.state = undoing
	case inForce:
		r.undo(s)
		s.state = healing
	}
}

func (r *runner) undo(s *step) {
	r.world.Links().Comment(s.ID + " " + s.Fault + endsNow)
	if s.fault.End == nil {
		return
	}
	if err := s.fault.End(r.cluster(), &s.Active); err != nil {
		r.note("undoing %s %s: %v", s.Fault, s.ID, err)
	}
}

func (r *runner) skip(s *step, why string) {
	r.release(s, every)
	s.state = skipped
	r.record.fault(history.FaultSkip, s, nil, why)
}

// release opens those gates of a step: what they held is lost with a dead sender,
// and goes on otherwise. So does the call of a disk that it waited for.
func (r *runner) release(s *step, which func(link.Gate) bool) {
	if s.When != nil && s.When.Calls > 0 {
		r.cluster().LetCall(s.ID)
	}
	for _, g := range s.gates {
		if which(g) {
			r.world.Links().Release(g.ID, !r.nodes[g.From].running)
		}
	}
	s.gates = slices.DeleteFunc(s.gates, which)
}

func every(link.Gate) bool { return true }

// senderGone: a gate has no more to hold once its sender is dead, and must not
// hold what the node's next incarnation sends.
func (r *runner) senderGone(m *member) {
	its := func(g link.Gate) bool { return g.From == m.name }
	for _, s := range r.steps {
		if !slices.ContainsFunc(s.gates, its) {
			continue
		}
		if s.state == armed && len(s.gates) == 1 {
			r.skip(s, m.self()+" was gone before it had sent what the step waits for")
			continue
		}
		r.release(s, its)
	}
}

// settleFaults writes down what has been proven, and reports whether something
// is still to be.
func (r *runner) settleFaults() (unproven bool) {
	c := r.cluster()
	for _, s := range r.steps {
		switch s.state {
		case installing:
			evidence := s.fault.Held(c, &s.Active)
			if evidence == nil || !r.wasProven(s, 0) {
				unproven = true
				continue
			}
			r.record.fault(history.FaultBegin, s, evidence, "")
			r.release(s, every)
			s.state = inForce
			if s.fault.End == nil {
				s.state = over
			}
		case healing, undoing:
			if s.fault.Gone == nil {
				s.state = over
				continue
			}
			evidence := s.fault.Gone(c, &s.Active)
			if evidence == nil || s.state == healing && !r.wasProven(s, 1) {
				unproven = true
				continue
			}
			if s.state == healing {
				r.record.fault(history.FaultEnd, s, evidence, "")
			}
			s.state = over
		}
	}
	return unproven
}

// wasProven reports whether the proof that a step holds (0) or is undone (1) had come
// by now in the run that is observed, if there is one: the run goes on from it.
func (r *runner) wasProven(s *step, which int) bool {
	o := r.plan.Observed
	if o == nil || r.world.Kind() != "virtual" {
		return true
	}
	at, known := o.Proofs[s.ID]
	return !known || at[which] > 0 && r.world.Now() >= Micros(at[which])
}

// healFaults undoes every step.
func (r *runner) healFaults() {
	for _, s := range r.steps {
		r.finishStep(s, "nothing showed that it took hold before the run healed")
	}
}

// healed reports whether every fault is shown to be undone, and no node that is
// on its way back is still missing.
func (r *runner) healed() bool {
	return !slices.ContainsFunc(r.steps, func(s *step) bool { return !s.settled() })
}
