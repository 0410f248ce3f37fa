package loop

import (
	"fmt"
	"strings"

	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/node"
	"groupy/workloads"
)

// phase is one part of a run: what it sets going, when it is over, how long it
// may take, and what happens if it takes longer.
type phase struct {
	name    string
	enter   func(*runner)
	done    func(*runner) bool
	limit   func(*plan.Limits) int64
	overdue func(*runner) error
}

// phases is a run, from start to end.
var phases = []phase{
	{history.PhaseStart, (*runner).enterStart, (*runner).allReady, func(l *plan.Limits) int64 { return l.StartMicros }, (*runner).notReady},
	{history.PhaseBootstrap, (*runner).enterBootstrap, (*runner).formed, func(l *plan.Limits) int64 { return l.BootstrapMicros }, (*runner).notFormed},
	{history.PhaseMain, (*runner).enterMain, never, func(l *plan.Limits) int64 { return l.MainMicros }, nil},
	{history.PhaseHeal, (*runner).enterHeal, (*runner).healed, func(l *plan.Limits) int64 { return l.HealMicros }, (*runner).notHealed},
	{history.PhaseRecover, nothing, (*runner).settled, func(l *plan.Limits) int64 { return l.RecoverMicros }, (*runner).notRecovered},
	{history.PhaseQuiesce, (*runner).enterQuiesce, (*runner).quiescent, func(l *plan.Limits) int64 { return l.CallMicros + l.RecoverMicros }, (*runner).notQuiescent},
	{history.PhaseFinal, (*runner).enterFinal, (*runner).probed, func(l *plan.Limits) int64 { return l.ProbeMicros }, (*runner).notProbed},
	{history.PhaseEnd, (*runner).enterEnd, (*runner).allGone, func(l *plan.Limits) int64 { return 3 * l.EndMicros }, (*runner).notGone},
}

func nothing(*runner)    {}
func never(*runner) bool { return false }

func (r *runner) enterStart() {
	for _, name := range r.plan.Nodes {
		if err := r.start(name); err != nil {
			r.broken = err
			return
		}
	}
}

func (r *runner) every(ok func(*member) bool) bool {
	for _, name := range r.plan.Nodes {
		if !ok(r.nodes[name]) {
			return false
		}
	}
	return true
}

// which names the nodes for which something holds.
func (r *runner) which(is func(*member) bool) string {
	var names []string
	for _, name := range r.plan.Nodes {
		if is(r.nodes[name]) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (r *runner) allReady() bool { return r.every(func(m *member) bool { return m.ready }) }

func (r *runner) notReady() error {
	return fmt.Errorf("no init_ok from %s in time; their logs say more",
		r.which(func(m *member) bool { return !m.ready }))
}

// enterBootstrap has the nodes join one after the other, each while those that
// are in already have something to say: a view change with messages in flight.
func (r *runner) enterBootstrap() {
	if o := r.plan.Observed; o != nil {
		r.agenda.add(Micros(o.Main), func() {})
	}
	r.bootstrap(0)
}

func (r *runner) bootstrap(i int) {
	if i == len(r.plan.Nodes) {
		return
	}
	m := r.nodes[r.plan.Nodes[i]]
	m.wanted = true
	if i > 0 {
		r.meanwhile(i-1, func() bool { return m.in() || r.phase != history.PhaseBootstrap })
	}
	r.join(m.name)
	r.whenIn(m, func() {
		if i == len(r.plan.Nodes)-1 {
			r.meanwhile(i, func() bool { return false })
		}
		r.bootstrap(i + 1)
	})
}

// meanwhile asks each client's operations of a round, one after the other, until
// there are no more or it is over.
func (r *runner) meanwhile(round int, over func() bool) {
	byClient := make([][]workloads.Op, len(r.plan.Nodes))
	for _, op := range r.plan.Bootstrap {
		if op.AtMicros == int64(round) && op.Client < len(byClient) {
			byClient[op.Client] = append(byClient[op.Client], op)
		}
	}
	for _, ops := range byClient {
		r.oneAfterTheOther(ops, over)
	}
}

func (r *runner) oneAfterTheOther(ops []workloads.Op, over func() bool) {
	if len(ops) > 0 && !over() {
		r.operate(ops[0], func() { r.oneAfterTheOther(ops[1:], over) })
	}
}

// whenIn calls then as soon as the node is in a view, while the group forms.
func (r *runner) whenIn(m *member, then func()) {
	if r.phase != history.PhaseBootstrap {
		return
	}
	if m.in() && !m.joining {
		then()
		return
	}
	r.agenda.add(r.world.Now()+poll/2, func() { r.whenIn(m, then) })
}

// formed reports whether the main phase can begin. Where an observed run is
// followed it begins when it did then, since its steps count from there.
func (r *runner) formed() bool {
	if o := r.plan.Observed; o != nil && r.world.Kind() == "virtual" && r.world.Now() < Micros(o.Main) {
		return false
	}
	return r.every((*member).in) && !r.calling() && r.settled()
}

// calling reports whether a recorded call is open.
func (r *runner) calling() bool {
	for _, c := range r.calls {
		if c.process != "" {
			return true
		}
	}
	return false
}

func (r *runner) notFormed() error {
	out := r.which(func(m *member) bool { return !m.in() })
	if out == "" {
		r.note("the group formed, but not all were in one view before the limit")
	} else {
		r.note("%s did not join while the group formed", out)
	}
	return nil
}

func (r *runner) enterMain() {
	r.began = r.world.Now()
	if r.unseen(); r.broken != nil {
		return
	}
	for _, name := range r.plan.Nodes { // those that the bootstrap did not bring in
		r.nodes[name].wanted = true
		r.join(name)
	}
	for _, op := range r.plan.Ops {
		r.agenda.add(r.began+Micros(op.AtMicros), func() { r.dueOp(op) })
	}
	r.planFaults()
}

func (r *runner) enterHeal() {
	r.healFaults()
	for _, name := range r.plan.Nodes {
		// Once more for all, whatever each fault undid by itself: twice does no harm.
		if m := r.nodes[name]; m.running {
			if err := r.world.Resume(name); err != nil {
				r.log.Debug("resume", "node", name, "error", err)
			}
		}
	}
}

func (r *runner) notHealed() error {
	for _, s := range r.steps {
		if !s.settled() {
			r.note("%s %s could not be shown to be undone", s.Fault, s.ID)
		}
	}
	return nil
}

func (r *runner) notRecovered() error {
	r.note("gave up waiting for one view of all live nodes: %s", r.views())
	return nil
}

// views says who is in which view, for people.
func (r *runner) views() string {
	var parts []string
	for _, name := range r.plan.Nodes {
		m := r.nodes[name]
		switch {
		case !m.running:
		case m.members == nil:
			parts = append(parts, m.self()+" has none")
		default:
			parts = append(parts, fmt.Sprintf("%s is in %s of %s", m.self(), m.view, strings.Join(m.members, " ")))
		}
	}
	return strings.Join(parts, "; ")
}

// quiescent: no call is open, and nothing was observed for a while.
func (r *runner) quiescent() bool {
	if r.calling() {
		return false
	}
	return r.world.Now() >= r.quiet+Micros(r.plan.Limits.SettleMicros)
}

// enterQuiesce has the loop look at the time now and then, since what it waits
// for is that nothing happens.
func (r *runner) enterQuiesce() {
	if r.phase == history.PhaseQuiesce {
		r.agenda.add(r.world.Now()+Micros(r.plan.Limits.SettleMicros/4), r.enterQuiesce)
	}
}

func (r *runner) notQuiescent() error {
	r.note("the group did not come to rest")
	return nil
}

// enterFinal has every live node multicast a probe.
func (r *runner) enterFinal() {
	for _, name := range r.plan.Nodes {
		m := r.nodes[name]
		if !m.in() {
			continue
		}
		msg := "probe-" + m.self()
		r.probes[msg] = map[string]bool{}
		// A client of its own, so that the probe is asked whatever else is open.
		r.operate(workloads.Op{Client: len(r.clients), Node: name, F: node.TypeMulticast, Value: Raw(msg)}, nil)
	}
}

// probed: every live node has delivered every probe, and each was answered.
func (r *runner) probed() bool {
	for _, got := range r.probes {
		for _, name := range r.plan.Nodes {
			if m := r.nodes[name]; m.in() && !got[m.self()] {
				return false
			}
		}
	}
	return !r.calling()
}

func (r *runner) notProbed() error {
	r.note("not every probe was delivered by every live node")
	return nil
}

// enterEnd shuts the nodes down, those that lead a view after all others: else
// those that still run would elect one leader after the other meanwhile, and what
// they say of it would look like the run's.
func (r *runner) enterEnd() {
	for _, name := range r.plan.Nodes {
		r.nodes[name].wanted = false
		if !r.nodes[name].leads() {
			r.shutdown(r.nodes[name])
		}
	}
	r.endLeaders()
}

// endLeaders waits for the others to be gone.
func (r *runner) endLeaders() {
	if !r.every(func(m *member) bool { return !m.running || m.leads() }) {
		r.agenda.add(r.world.Now()+poll, r.endLeaders)
		return
	}
	for _, name := range r.plan.Nodes {
		r.shutdown(r.nodes[name])
	}
}

func (r *runner) allGone() bool { return r.every(func(m *member) bool { return !m.running }) }

func (r *runner) notGone() error {
	return fmt.Errorf("%s did not end after being killed", r.which(func(m *member) bool { return m.running }))
}
