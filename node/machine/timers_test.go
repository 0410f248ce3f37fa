package machine

import "testing"

func TestTimersRunOutInOrder(t *testing.T) {
	var ts Timers
	if _, ok := ts.Expired(1 << 60); ok {
		t.Fatal("a timer that was never set")
	}
	ts.Start("late", 30)
	ts.Start("b", 10)
	ts.Start("a", 10) // the same time, set later
	ts.Start("moved", 5)
	ts.Start("moved", 20) // replaces
	ts.Start("gone", 1)
	ts.Cancel("gone")
	ts.Cancel("never set")
	var got []string
	for id, ok := ts.Expired(29); ok; id, ok = ts.Expired(29) {
		got = append(got, id)
	}
	if want := "[b a moved]"; want != sprint(got) {
		t.Errorf("ran out: %v, want %s", got, want)
	}
	if id, due, any := ts.Next(); id != "late" || due != 30 || !any {
		t.Errorf("next is %s at %d", id, due)
	}
}
