package checker

import (
	"bytes"
	"cmp"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"groupy/checker/history"
	"groupy/checker/linear"
)

// Both gives the verdict of a history by the stream, if it gives one, and by the
// trace. why is the stream's suspicion otherwise.
func Both(t testing.TB, file []byte, o Options) (stream, trace *Report, why string) {
	t.Helper()
	open := func() *history.Reader {
		r, err := history.NewReader(bytes.NewReader(file), "history")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	o.Search = linear.InProcess
	model, r := usual, open()
	full, err := readTrace(r, newOperations(model, false), o)
	if err != nil {
		t.Fatal(err)
	}
	slow := judge(full, promises(o, r.Header(), &full.stats), nil, nil)
	r = open()
	s := newStream(newBuilder(r.Header(), newOperations(model, false), o))
	for e, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		s.add(e)
	}
	if tr, results, ok := s.finish(r.Truncated()); ok {
		fast := judge(tr, promises(o, r.Header(), &tr.stats), nil, results)
		return &fast, &slow, ""
	}
	return nil, &slow, cmp.Or(s.suspicion, "not all is delivered")
}

// TestIDSet holds the set to a map.
func TestIDSet(t *testing.T) {
	ids := []string{"m1", "m3", "m2", "m07", "m7", "x", "", "9", "m999999999999999999999", "m10", "m9", "m8", "k-1-5", "k-1-4"}
	s, seen := newIDSet(), map[string]bool{}
	for _, id := range ids {
		if s.has(id) {
			t.Errorf("%q is there before it was added", id)
		}
		s.add(id)
		seen[id] = true
		for _, other := range ids {
			if s.has(other) != seen[other] {
				t.Errorf("after adding %q: has %q is %v", id, other, s.has(other))
			}
		}
	}
	if diff := gocmp.Diff([]run{{1, 3}, {7, 10}}, s.runs["m"], gocmp.AllowUnexported(run{})); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]run{{4, 5}}, s.runs["k-1-"], gocmp.AllowUnexported(run{})); diff != "" {
		t.Error(diff)
	}
}
