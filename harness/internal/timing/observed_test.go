package timing

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWhatAMarkWritesItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mark{Cause: rapid.SampledFrom([]string{"", "f1", "f27"}).Draw(t, "cause")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			m.Lost = true
		case 1:
			m.Known, m.Micros = true, rapid.Int64Range(0, 1e12).Draw(t, "micros")
			m.Again = rapid.SampledFrom([][]int64{nil, {7}, {0, 1e12}}).Draw(t, "again")
		}
		if got, err := parseMark(m.String()); err != nil || !cmp.Equal(got, m) {
			t.Fatalf("%+v is written as %s and read as %+v, %v", m, m, got, err)
		}
	})
}

func TestMarksOfAFaultCountOnlyWithIt(t *testing.T) {
	o := &Observed{
		Links:    map[string]string{"n1.1 n2": "10 x~f1 20~f2 - x"},
		Requests: map[string]string{"n1.1 m1": "100 900", "n1.1 m2": "100 900~f1"},
		Closed:   []Closed{{At: 1, Member: "n2.1", Node: "n1", Cause: "f1"}, {At: 2, Member: "n2.1", Node: "n1"}},
	}
	known := func(micros int64) Mark { return Mark{Micros: micros, Known: true} }
	for faults, want := range map[string]struct {
		marks    []Mark
		requests int
		closed   int
	}{
		"":      {[]Mark{known(10), {}, {}, {}, {Lost: true}}, 1, 1},
		"f1":    {[]Mark{known(10), {Lost: true, Cause: "f1"}, {}, {}, {Lost: true}}, 2, 2},
		"f2 f3": {[]Mark{known(10), {}, {Micros: 20, Known: true, Cause: "f2"}, {}, {Lost: true}}, 1, 1},
	} {
		reigns := map[string]Reign{}
		for _, id := range strings.Fields(faults) {
			reigns[id] = Reign{To: Never}
		}
		timing, err := o.Timing(reigns)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.marks, timing.Links["n1.1 n2"]); d != "" {
			t.Errorf("with %q: %s", faults, d)
		}
		if len(timing.requests) != want.requests || len(timing.Closed) != want.closed {
			t.Errorf("with %q: %d requests and %d ends are followed", faults, len(timing.requests), len(timing.Closed))
		}
	}
	for _, bad := range []string{"1 two", "-5", "~f1", "x1"} {
		if _, err := (&Observed{Links: map[string]string{"n1.1 n2": bad}}).Timing(nil); err == nil || !strings.Contains(err.Error(), "n1.1 n2") {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

func TestARequestIsHandledWhenItWasObserved(t *testing.T) {
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	timing, err := (&Observed{Requests: map[string]string{"n1.1 m1": "1000 1400"}}).Timing(nil)
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[int]int{
		900:         1400,     // asked earlier than then: the time counts
		1300:        1400,     // and later
		2000:        2050,     // too late for it
		-5_000_000:  -4999600, // in another run than that: only how long it took
		100_000_000: 100_000_050,
	} {
		if got := timing.Handled("n1.1", "m1", us(now), us(now+50)); got != us(want) {
			t.Errorf("asked at %d µs, handled at %v, want %v", now, got, us(want))
		}
	}
	if got := timing.Handled("n1.1", "m2", us(7), us(57)); got != us(57) {
		t.Errorf("an unknown request is handled at %v", got)
	}
}

func TestALossCountsOnlyWhileItsFaultHolds(t *testing.T) {
	o := &Observed{Links: map[string]string{"n1.1 n2": "10 x~f1 x"}}
	timing, err := o.Timing(map[string]Reign{"f1": {From: 5 * time.Second, To: 7 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	line := timing.Links["n1.1 n2"]
	for now, lost := range map[time.Duration]bool{
		3 * time.Second: false, 4 * time.Second: true, 6 * time.Second: true, 8 * time.Second: true, 9 * time.Second: false,
	} {
		if got := timing.Fate(line, 2, now); got.Lost != lost {
			t.Errorf("sent at %v it is %+v, lost: want %v", now, got, lost)
		}
		if !timing.Fate(line, 3, now).Lost || timing.Fate(line, 1, now).Lost || timing.Fate(line, 4, now).Lost {
			t.Errorf("sent at %v what no fault lost is not as it was observed", now)
		}
	}
	explained, err := o.Explained().Timing(map[string]Reign{"f1": {To: Never}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Mark{{Micros: 10, Known: true}, {Lost: true, Cause: "f1"}, {}}
	if d := cmp.Diff(want, explained.Links["n1.1 n2"]); d != "" {
		t.Error(d)
	}
	if o.Links["n1.1 n2"] != "10 x~f1 x" {
		t.Error("what was observed has changed")
	}
}

func TestARunLoopWakesWhenItWasObserved(t *testing.T) {
	var o Observed
	woke := []time.Duration{1500, 1501, 3 * time.Second, 9 * time.Second}
	o.SetWakes(woke)
	timing, err := o.Timing(nil)
	if err != nil {
		t.Fatal(err)
	}
	for until, want := range map[time.Duration]time.Duration{
		1000: 1500, 1500: 1500, 1501: 1501, 2500 * time.Millisecond: 3 * time.Second,
		5 * time.Second: 5 * time.Second, // it slept through that: nothing is known
		time.Minute:     time.Minute,
	} {
		if got := timing.Wakes(until); got != want {
			t.Errorf("who waits until %v wakes at %v, want %v", until, got, want)
		}
	}
	if got := (*Timing)(nil).Wakes(7); got != 7 {
		t.Errorf("where nothing was observed it wakes at %v", got)
	}
	if _, err := (&Observed{Wakes: "5 -3"}).Timing(nil); err == nil {
		t.Error("a time before the last one is taken")
	}
	old, err := (&Observed{Rounds: []int64{0, 4, 2}, Main: 9}).Timing(nil)
	if err != nil || old.Wakes(3*time.Microsecond) != 4*time.Microsecond {
		t.Errorf("a plan without wakes: %v, %v", old.Wakes(3*time.Microsecond), err)
	}
}
