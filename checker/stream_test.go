package checker

import (
	"bytes"
	"cmp"
	"testing"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/report"
	"groupy/checker/stream"
	"groupy/checker/trace"
)

// Both gives the verdict of a history by the stream, if it gives one, and by the
// trace. why is the stream's suspicion otherwise.
func Both(t testing.TB, file []byte, o Options) (fromStream, fromTrace *report.Report, why string) {
	t.Helper()
	open := func() *history.Reader {
		r, err := history.NewReader(bytes.NewReader(file), "history")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	o.Search = linear.InProcess
	r := open()
	full, err := trace.Read(r, usualOperations(), o.Line)
	if err != nil {
		t.Fatal(err)
	}
	slow := judge(full, promises(o, r.Header(), &full.Stats), nil, nil)
	r = open()
	s := stream.New(trace.NewBuilder(r.Header(), usualOperations(), o.Line))
	for e, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		s.Add(e)
	}
	if tr, results, ok := s.Finish(r.Truncated()); ok {
		fast := judge(tr, promises(o, r.Header(), &tr.Stats), nil, results)
		return &fast, &slow, ""
	}
	return nil, &slow, cmp.Or(s.Suspicion, "not all is delivered")
}
