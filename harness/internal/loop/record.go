package loop

import (
	"encoding/json"
	"time"

	"groupy/checker/history"
)

// recorder writes events as they happen, and keeps the few counts that people
// watch. Its first error is the end of the run: a run without a history proves
// nothing.
type recorder struct {
	open   func(bareMembers bool) (*history.Writer, error)
	out    *history.Writer // nil until the header is decided
	early  []history.Event // what came before that
	now    func() time.Duration
	fail   func(error)
	status Status
	sentry *sentry // nil: the run goes on whatever happens
}

// decide opens the history. Its first line says whether the system writes bare
// node names, which its first view shows; what came before is held back until
// then.
func (r *recorder) decide(bareMembers bool) {
	if r.out != nil {
		return
	}
	out, err := r.open(bareMembers)
	if err != nil {
		r.fail(err)
		return
	}
	r.out = out
	for i := range r.early {
		r.Write(&r.early[i])
	}
	r.early = nil
}

func (r *recorder) Write(e *history.Event) {
	if r.out == nil {
		r.early = append(r.early, *e)
		return
	}
	if err := r.out.Append(e); err != nil {
		r.fail(err)
	}
	if err := r.sentry.see(e, r.flush); err != nil {
		r.fail(err)
	}
	if r.out.Len()%hashEvery == 0 {
		r.hash()
	}
}

// hashEvery is after how many events a history tells its hash, so that the place
// where two histories part is known from their hashes alone.
const hashEvery = 1000

// hash writes down the hash of all that is above.
func (r *recorder) hash() {
	e := history.Event{Time: r.now().Nanoseconds(), Type: history.Hash, Value: Raw(r.out.Sum())}
	if err := r.out.Append(&e); err != nil {
		r.fail(err)
	}
}

func (r *recorder) event(e history.Event) {
	e.Time = r.now().Nanoseconds()
	switch e.Type {
	case history.Invoke:
		r.status.Operations++
	case history.OK:
		r.status.OK++
	case history.Info:
		r.status.Unknown++
	case history.Deliver:
		r.status.Deliveries++
	}
	r.Write(&e)
}

// fault writes a fault event; evidence and value become JSON.
func (r *recorder) fault(phase string, s *step, evidence any, reason string) {
	e := history.Event{
		Type: history.Fault, Fault: s.Fault, ID: s.ID, Phase: phase,
		Value: Raw(s.value()), Reason: reason,
	}
	if evidence != nil {
		e.Evidence = Raw(evidence)
	}
	r.event(e)
}

func (r *recorder) flush() error {
	if r.out == nil {
		return nil
	}
	return r.out.Flush()
}

func Raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("harness: evidence cannot be encoded: " + err.Error()) // maps, numbers and strings only
	}
	return b
}
