package runtime

import "testing"

func TestTimersRunOutInOrder(t *testing.T) {
	var ts timers
	if _, ok := ts.expired(1 << 60); ok {
		t.Fatal("a timer that was never set")
	}
	ts.start("late", 30)
	ts.start("b", 10)
	ts.start("a", 10) // the same time, set later
	ts.start("moved", 5)
	ts.start("moved", 20) // replaces
	ts.start("gone", 1)
	ts.cancel("gone")
	ts.cancel("never set")
	var got []string
	for id, ok := ts.expired(29); ok; id, ok = ts.expired(29) {
		got = append(got, id)
	}
	if want := "[b a moved]"; want != sprint(got) {
		t.Errorf("ran out: %v, want %s", got, want)
	}
	if id, due, any := ts.next(); id != "late" || due != 30 || !any {
		t.Errorf("next is %s at %d", id, due)
	}
}
