package checker

import (
	"testing"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/report"
	"groupy/checker/stream"
	"groupy/checker/trace"
)

// FromMemory judges events that are in memory already by all properties, as a live
// run does.
func FromMemory(t testing.TB, events []history.Event) report.Report {
	t.Helper()
	o := Options{Search: linear.InProcess}
	s := stream.New(trace.NewBuilder(&history.Header{}, usualOperations(), o.Line))
	for i := range events {
		s.Add(&events[i])
	}
	tr, results, ok := s.Finish(false)
	if !ok {
		t.Fatal("the stream finds it suspicious: ", s.Suspicion)
	}
	return judge(tr, promises(o, &history.Header{}, &tr.Stats), nil, results)
}
