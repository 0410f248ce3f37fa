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
		}
		if got, err := parseMark(m.String()); err != nil || got != m {
			t.Fatalf("%+v is written as %s and read as %+v, %v", m, m, got, err)
		}
	})
}

func TestMarksOfAFaultCountOnlyWithIt(t *testing.T) {
	o := &Observed{
		Links:    map[string]string{"n1.1 n2": "10 x~f1 20~f2 - x"},
		Requests: map[string]string{"n1.1 m1": "100 900", "n1.1 m2": "100 900~f1"},
		Closed:   []Closed{{1, "n2.1", "n1", "f1"}, {2, "n2.1", "n1", ""}},
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
		timing, err := o.Timing(strings.Fields(faults))
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
