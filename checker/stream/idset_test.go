package stream

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestIDSet holds the set to a map.
func TestIDSet(t *testing.T) {
	ids := []string{"m1", "m3", "m2", "m07", "m7", "x", "", "9", "m999999999999999999999", "m10", "m9", "m8", "k-1-5", "k-1-4"}
	s, seen := newIDSet(), map[string]bool{}
	for _, id := range ids {
		if s.has(id) {
			t.Errorf("%q is there before it was added", id)
		}
		s.Add(id)
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
