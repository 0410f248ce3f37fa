package loop

import (
	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/verdict"
)

// sentry judges a run's history while it grows. It follows the history alone, so that
// a run in a virtual world ends at the same event each time.
type sentry struct {
	live  *checker.Live
	again verdict.Source // reads the history as far as it is flushed
}

// newSentry is nil for a run that nobody wants stopped.
func newSentry(plan *plan.Plan, again verdict.Source) *sentry {
	if !plan.FailFast || again == nil {
		return nil
	}
	return &sentry{live: checker.NewLive(checker.Options{Promises: plan.Promises}), again: again}
}

// see takes an event that was written.
func (s *sentry) see(e *history.Event, flush func() error) error {
	if s == nil || !s.live.Add(e) {
		return nil
	}
	if err := flush(); err != nil {
		return err
	}
	r, err := s.again()
	if err != nil {
		return err
	}
	defer r.Close()
	return s.live.Judge(r)
}

// violation is the first one that was found, nil without.
func (s *sentry) violation() *checker.Found {
	if s == nil {
		return nil
	}
	return s.live.Found()
}

// stopped reports whether the run has shown what it was to show: what is left to do
// is to undo its faults and to end its processes.
func (r *runner) stopped() bool {
	return (r.record.sentry.violation() != nil || r.fell != "") && r.phase != history.PhaseHeal && r.phase != history.PhaseEnd
}

// stop tells why the run goes to its end from here.
func (r *runner) stop() {
	if r.fell != "" {
		r.note("ended early, in %s: %s", r.phase, r.fell)
		return
	}
	if found := r.record.sentry.violation(); found != nil {
		r.note("stopped early, in %s, by the first violation: %s: %s", r.phase, found.Property, found.Explanation)
	}
}
