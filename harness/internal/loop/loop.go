package loop

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/verdict"
)

// poll is how soon the run loop looks again whether a fault has taken hold, when
// nothing happens meanwhile.
const poll = 2 * time.Millisecond

// runner carries out one plan in one world. It is single-threaded: an event of
// the world, then what is due, then what the faults' evidence shows, and again.
type runner struct {
	plan   *plan.Plan
	world  world.World
	record *recorder
	log    hclog.Logger
	status func(Status)

	nodes   map[string]*member
	view    []string       // members of the view that was installed last, at any live node
	first   map[string]int // place of each primary view in the order of first installs, from 1 on
	clients []*client
	calls   map[int64]*call
	lastID  int64
	process int // next unused client process
	steps   []*step
	agenda  agenda
	phase   string
	began   time.Duration // of the main phase
	quiet   time.Duration // time of the last observation
	probes  map[string]map[string]bool
	waits   waits
	outcome Outcome
	fell    string // why nothing more can come of the run, since processes ended unasked; "": it goes on
	broken  error  // the harness's own failure: the history cannot be written
}

// Outcome is what the run loop knows beside the history.
type Outcome struct {
	// Notes are named reasons why a phase ended otherwise than it should.
	Notes []string `json:"notes,omitempty"`
	// Skipped counts planned operations that could not be asked, by reason.
	Skipped map[string]int `json:"skipped,omitempty"`
	// Garbled counts lines of nodes that were none of the contract's.
	Garbled int `json:"garbled,omitempty"`
	// Breaches are the ways in which nodes broke the contract, in the order of their
	// first lines.
	Breaches []Breach `json:"breaches,omitempty"`
}

// Told is what else was out of the ordinary, a sentence each.
func (o Outcome) Told() []string {
	told := slices.Clone(o.Notes)
	for _, why := range slices.Sorted(maps.Keys(o.Skipped)) {
		told = append(told, fmt.Sprintf("%s not asked: %s", counted(o.Skipped[why], "operation"), why))
	}
	for _, b := range o.Breaches {
		told = append(told, b.String())
	}
	if o.Garbled > 0 {
		told = append(told, counted(o.Garbled, "line")+" of nodes were none of the contract's; see the log")
	}
	return told
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Status is a moment of a run, for people to watch.
type Status struct {
	Phase      string
	Time       time.Duration
	Main       time.Duration // length of the main phase
	Operations int
	OK         int
	Unknown    int
	Deliveries int
	View       []string
	Faults     []string // in force
}

// OpenHistory begins a history, whose header says whether the system under test
// writes bare node names for members.
type OpenHistory func(bareMembers bool) (*history.Writer, error)

// Run carries out the plan and writes its history as it goes. It returns what
// the history does not hold. An error is the harness's own failure, or ctx's;
// the history is whole up to that moment. Run does not close the world. Status,
// if not nil, is called whenever the loop is about to wait. A plan that is to FailFast
// needs again, which reads the history as far as it is written.
func Run(ctx context.Context, plan *plan.Plan, w world.World, open OpenHistory, again verdict.Source, log hclog.Logger, status func(Status)) (Outcome, error) {
	r := newRunner(plan, w, open, log, status)
	r.record.sentry = newSentry(plan, again)
	err := r.run(ctx)
	r.record.decide(false) // if there was no view at all
	if flushErr := r.record.flush(); err == nil {
		err = flushErr
	}
	return r.outcome, err
}

func newRunner(plan *plan.Plan, w world.World, open OpenHistory, log hclog.Logger, status func(Status)) *runner {
	r := &runner{
		plan: plan, world: w, log: log, status: status,
		nodes:  map[string]*member{},
		first:  map[string]int{},
		calls:  map[int64]*call{},
		probes: map[string]map[string]bool{},
	}
	r.outcome.Skipped = map[string]int{}
	r.record = &recorder{open: open, now: w.Now, fail: func(err error) { r.broken = err }}
	r.waits.plan(plan.Ops)
	for _, name := range plan.Nodes {
		r.nodes[name] = &member{name: name}
	}
	return r
}

func (r *runner) run(ctx context.Context) error {
	for _, p := range phases {
		if r.phase = p.name; r.stopped() {
			continue
		}
		r.record.event(history.Event{Type: history.Phase, Phase: p.name})
		r.log.Debug("phase", "name", p.name)
		deadline := r.world.Now() + Micros(p.limit(&r.plan.Limits))
		p.enter(r)
		done, err := r.await(ctx, deadline, func() bool { return p.done(r) })
		if err != nil {
			return err
		}
		if r.stopped() {
			r.stop()
			continue
		}
		if !done && p.overdue != nil {
			if err := p.overdue(r); err != nil {
				return err
			}
		}
	}
	r.record.decide(false)
	if r.broken == nil {
		r.record.hash() // the last line
	}
	return r.broken
}

// await runs the loop until the condition holds, and says whether it did before
// the deadline.
func (r *runner) await(ctx context.Context, deadline time.Duration, done func() bool) (bool, error) {
	for {
		for do := r.agenda.due(r.world.Now()); do != nil; do = r.agenda.due(r.world.Now()) {
			do()
		}
		unproven := r.settleFaults()
		if r.broken != nil {
			return false, r.broken
		}
		if r.stopped() || done() {
			return true, nil
		}
		now := r.world.Now()
		if now >= deadline {
			return false, nil
		}
		if !r.world.Ready() { // about to wait: what is known goes to disk first
			if err := r.record.flush(); err != nil {
				return false, err
			}
			r.showStatus()
		}
		until := r.agenda.first(deadline)
		if unproven {
			until = min(until, now+poll)
		}
		e, err := r.world.Next(ctx, until)
		if err != nil {
			return false, err
		}
		r.handle(e)
	}
}

func (r *runner) handle(e world.Event) {
	switch e := e.(type) {
	case nil:
	case world.Said:
		r.said(e)
	case world.Garbled:
		r.garbled(e)
	case world.Exited:
		r.exited(e)
	case world.Sprung:
		r.sprung(e.ID)
	}
}

func (r *runner) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.log.Debug(text, "phase", r.phase)
	if !slices.Contains(r.outcome.Notes, text) {
		r.outcome.Notes = append(r.outcome.Notes, text)
	}
}

func (r *runner) showStatus() {
	if r.status == nil {
		return
	}
	s := r.record.status
	s.Phase, s.Time, s.Main, s.View = r.phase, r.world.Now(), Micros(r.plan.Limits.MainMicros), r.view
	for _, step := range r.steps {
		if step.state == inForce {
			s.Faults = append(s.Faults, step.Fault)
		}
	}
	r.status(s)
}

func Micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
