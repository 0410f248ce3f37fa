package virtual

import (
	"testing"
	"time"
)

// How long a message takes hangs on who sends it to whom and when, not on how
// many went before it.
func TestALatencyDoesNotHangOnOtherMessages(t *testing.T) {
	arrives := func(sent ...time.Duration) time.Duration {
		w := NewSim(VirtualConfig{Nodes: []string{"n1", "n2"}, Seed: "latency"}, "")
		for _, at := range sent {
			w.now = at
			w.net.send("n1", 1, "n2", &mail{})
		}
		s := w.net.lines[lineID{"n1", 1, "n2"}].stream
		due, _ := s.Next()
		for s.Pop(nil, due); ; s.Pop(nil, due) {
			s.Done(true)
			next, more := s.Next()
			if !more {
				return due
			}
			due = next
		}
	}
	const at = 5 * time.Millisecond
	alone, after := arrives(at), arrives(time.Millisecond, 2*time.Millisecond, at)
	if alone != after {
		t.Errorf("sent at %v a message arrives at %v, and at %v if others went before it", at, alone, after)
	}
	if other := arrives(2 * at); other == alone+at {
		t.Error("a message that is sent later takes as long; the test sees nothing")
	}
}
