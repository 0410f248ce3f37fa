package loop

import (
	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/nemesis"
)

// How processes end: as they were asked to, or unasked. The history tells it, and the
// checker judges it.

// ending is the event of a process's end.
func (r *runner) ending(m *member, e world.Exited) history.Event {
	stop := history.Event{Type: history.Stop, Node: m.name, Member: m.self()}
	switch {
	case m.why != "" && m.asked == history.StopKill:
		stop.How, stop.Reason = history.StopDamaged, m.why
		if s := r.damagedBy(m.name); s != nil {
			stop.Fault, stop.ID = s.Fault, s.ID
		}
		return stop
	case m.asked == history.StopKill && e.Signal != "":
		stop.How = history.StopKill
		return stop
	case m.asked == history.StopShutdown && e.Signal == "" && e.Code == 0:
		stop.How = history.StopShutdown
		return stop
	}
	if stop.Asked = m.asked; m.asked == "" && m.leaving {
		stop.Asked = history.StopLeave
	}
	if stop.How, stop.Code = history.StopExit, &e.Code; e.Signal != "" {
		stop.How, stop.Code, stop.Reason = history.StopSignal, nil, e.Signal
	}
	stop.Cause, stop.Log = e.Words.Cause, e.Words.Last
	if s := r.refusedBy(m.name); s != nil && stop.How == history.StopExit && stop.Asked == "" {
		stop.Fault, stop.ID = s.Fault, s.ID
	}
	switch {
	case e.Signal != "":
		r.note("%s was ended by a signal that the harness did not send: %s", m.self(), e.Signal)
	case m.asked == "":
		r.note("%s ended by itself with code %d; see its log", m.self(), e.Code)
	}
	return stop
}

// damagedBy is the fault of the plan that may have damaged what a node stored, nil if
// there is none.
func (r *runner) damagedBy(node string) *nemesis.Active {
	var begun []*nemesis.Active
	for _, s := range r.steps {
		if s.begun {
			begun = append(begun, &s.Active)
		}
	}
	return nemesis.DamagedBy(begun, node)
}

// refusedBy is the fault that has calls to a node's disk fail now, nil if there is none.
func (r *runner) refusedBy(node string) *nemesis.Active {
	var hold []*nemesis.Active
	for _, s := range r.steps {
		if s.state == installing || s.state == inForce {
			hold = append(hold, &s.Active)
		}
	}
	return nemesis.RefusedBy(hold, node)
}

// mayFall ends a run of which nothing more can come: a process ended unasked while the
// group formed, or nobody is left and nobody comes back.
func (r *runner) mayFall(m *member, stop history.Event) {
	if r.fell != "" || stop.Asked != "" || stop.Fault != "" || stop.How != history.StopExit && stop.How != history.StopSignal {
		return
	}
	switch {
	case r.forming():
		r.fell = m.self() + " ended by itself while the group formed"
	case r.phase == history.PhaseMain && r.allGone() && !r.comesBack():
		r.fell = "no process is left, the last one ended by itself"
	}
}

// comesBack reports whether a fault is still to bring somebody back.
func (r *runner) comesBack() bool {
	for _, s := range r.steps {
		switch s.state {
		case installing, inForce, healing, undoing:
			return true
		}
	}
	return false
}
