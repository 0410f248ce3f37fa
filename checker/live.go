package checker

import (
	"slices"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/objects"
	"groupy/checker/report"
	"groupy/checker/stream"
	"groupy/checker/trace"
)

// Live judges a history while it is written, by the properties that are promised and
// Lasting. Add is cheap; where it says that the history so far should be looked at, Judge
// reads it again from its beginning. A history that stays suspicious without being
// broken is read again only when it has grown by a quarter, so that all this reading
// together is linear in its length. Its answers follow from the events alone. A Live is
// for one goroutine.
type Live struct {
	options Options
	stream  *stream.Stream
	events  int64 // seen
	due     int64 // number of events at which a suspicious history is judged
	found   *Found
}

// Found is the first violation that a Live found.
type Found struct {
	Property string
	report.Result
}

// leastGrowth is how many events a suspicious history grows at least before it is
// judged again.
const leastGrowth = 64

// NewLive begins with a history that has no events. Of the options the Promises count.
func NewLive(o Options) *Live {
	return &Live{options: o, stream: stream.New(trace.NewBuilder(&history.Header{}, usualOperations(), o.Line))}
}

func usualOperations() *objects.Operations {
	ops, _ := objects.Open("", linear.Searcher{}, nil) // the first model is always there
	return ops
}

// Add takes the history's next event, and reports whether it is time to Judge.
func (l *Live) Add(e *history.Event) bool {
	if l.found != nil {
		return false
	}
	l.events++
	if l.stream != nil {
		if l.stream.Add(e); l.stream.Suspicion == "" {
			return false
		}
		l.stream = nil // it has given up; its memory may go
		return true
	}
	return l.events >= l.due
}

// Judge reads the history up to the event that was added last. A violation that it
// finds stays Found. The error is the reader's.
func (l *Live) Judge(r *history.Reader) error {
	l.due = l.events + max(l.events/4, leastGrowth)
	t, err := trace.Read(r, usualOperations(), l.options.Line)
	if err != nil {
		return err
	}
	if t.Lost != nil {
		return nil
	}
	t.Grows, t.Unjudgeable = true, &report.Reason{Code: report.NotFinal, Text: "the run goes on"}
	promised := promises(l.options, r.Header(), &t.Stats)
	for _, p := range Properties {
		if !p.Lasting || !slices.Contains(promised, p.Name) {
			continue
		}
		if res := p.Check(t); res.Verdict == report.Invalid {
			res.Promised = true
			l.found = &Found{p.Name, res}
			return nil
		}
	}
	return nil
}

// Found gives the violation, nil while there is none.
func (l *Live) Found() *Found { return l.found }
