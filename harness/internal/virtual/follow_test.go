package virtual

import (
	"context"
	"testing"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
)

// observedWorld is a simulated world that follows marks, with its nodes started.
func observedWorld(t *testing.T, o *timing.Observed) *Virtual {
	t.Helper()
	follow, err := o.Timing(map[string]timing.Reign{"f1": {To: timing.Never}})
	if err != nil {
		t.Fatal(err)
	}
	w := NewSim(VirtualConfig{Nodes: []string{"n1", "n2"}, Seed: "follow", Timing: follow}, "")
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, name := range []string{"n1", "n2"} {
		if _, err := w.Start(name, 1); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// until lets the world go on, and gives what the run loop hears.
func until(t *testing.T, w *Virtual, at time.Duration) (heard []world.Event) {
	t.Helper()
	for {
		e, err := w.Next(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return heard
		}
		heard = append(heard, e)
	}
}

// A signal takes hold when it did, and its end is heard when it was: until then the
// run loop may still talk to the process, which hears nothing.
func TestAKillTakesHoldWhenItDid(t *testing.T) {
	w := observedWorld(t, &timing.Observed{
		Requests: map[string]string{"n1.1 kill 1": "1000 1700"},
		Lines:    map[string]string{"n1.1": "300000"},
	})
	until(t, w, time.Millisecond)
	if err := w.Kill("n1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at             time.Duration
		runs, answered bool
		heard          int
	}{
		{1600 * time.Microsecond, true, true, 0}, {1800 * time.Microsecond, false, true, 0}, {2100 * time.Microsecond, false, false, 1},
	} {
		heard := until(t, w, c.at)
		if n := w.nodes["n1"]; (n.actor != nil) != c.runs || len(heard) != c.heard {
			t.Errorf("at %v it runs: %v, and %v is heard", c.at, n.actor != nil, heard)
		}
		if err := w.Pause("n1"); (err == nil) != c.answered {
			t.Errorf("at %v a signal to it gives %v", c.at, err)
		} else if err := w.Resume("n1"); (err == nil) != c.answered {
			t.Errorf("at %v it goes on with %v", c.at, err)
		}
	}
}

// A pause that is over before it took hold does nothing.
func TestAPauseThatCameTooLate(t *testing.T) {
	w := observedWorld(t, &timing.Observed{Requests: map[string]string{"n1.1 pause 1": "0 900", "n1.1 pause 2": "2000 2500"}})
	paused := func(at time.Duration, want bool) {
		t.Helper()
		if until(t, w, at); w.Paused("n1") != want {
			t.Errorf("at %v it is paused: %v", at, !want)
		}
	}
	do := func(what func(string) error) {
		t.Helper()
		if err := what("n1"); err != nil {
			t.Fatal(err)
		}
	}
	do(w.Pause)
	paused(500*time.Microsecond, false)
	do(w.Resume)
	paused(2*time.Millisecond, false)
	do(w.Pause)
	paused(2400*time.Microsecond, false)
	paused(2600*time.Microsecond, true)
	do(w.Resume)
	paused(3*time.Millisecond, false)
}

// What came several times comes so again, and what was lost is lost, whatever the
// rules of the links are.
func TestMessagesComeAsOftenAsTheyDid(t *testing.T) {
	w := observedWorld(t, &timing.Observed{Links: map[string]string{"n1.1 n2": "100+700 x 50"}})
	w.nodes["n2"].paused = true // so that it keeps what it is given
	for range 3 {
		w.net.send("n1", 1, "n2", &mail{})
	}
	for _, c := range []struct {
		at   time.Duration
		came int
	}{{60, 1}, {200, 2}, {800, 3}, {5000, 3}} {
		until(t, w, c.at*time.Microsecond)
		if got := len(w.nodes["n2"].waiting); got != c.came {
			t.Errorf("after %d µs %d came, want %d", c.at, got, c.came)
		}
	}
}
