package checker

import (
	"testing"

	"groupy/checker/history"
	"groupy/checker/linear"
)

// FromMemory judges events that are in memory already by all properties, as a live
// run does.
func FromMemory(t testing.TB, events []history.Event) Report {
	t.Helper()
	o := Options{Search: linear.InProcess}
	s := newStream(newBuilder(&history.Header{}, newOperations(usual, false), o))
	for i := range events {
		s.add(&events[i])
	}
	tr, results, ok := s.finish(false)
	if !ok {
		t.Fatal("the stream finds it suspicious: ", s.suspicion)
	}
	return judge(tr, promises(o, &history.Header{}, &tr.stats), nil, results)
}
