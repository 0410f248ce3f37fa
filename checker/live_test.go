package checker_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// followed is what a Live made of a history.
type followed struct {
	found *checker.Found
	at    int   // events when it was found
	read  int64 // events that were read again
}

// follow has a Live judge events one after the other.
func follow(t testing.TB, events []history.Event, o checker.Options) followed {
	t.Helper()
	var f followed
	var file bytes.Buffer
	w, err := history.NewWriter(&file, history.Header{})
	if err != nil {
		t.Fatal(err)
	}
	live := checker.NewLive(o)
	for i, e := range events {
		if err := w.Append(&e); err != nil {
			t.Fatal(err)
		}
		if !live.Add(&e) {
			continue
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := history.NewReader(bytes.NewReader(file.Bytes()), "history so far")
		if err != nil {
			t.Fatal(err)
		}
		if err := live.Judge(r); err != nil {
			t.Fatal(err)
		}
		f.read += int64(i) + 1
		if f.found = live.Found(); f.found != nil {
			f.at = i + 1
			return f
		}
	}
	return f
}

// TestLiveIsRight holds what is found in a beginning to the whole: that is invalid,
// whatever came after, and so says the definition of the beginning.
func TestLiveIsRight(t *testing.T) {
	found, before := map[string]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		events := anyHistory(rapidDice{rt})
		if slices.ContainsFunc(events, func(e history.Event) bool { return e.Type == history.Lost }) {
			return // what was found before a line was lost, the whole leaves open
		}
		f := follow(t, events, checker.Options{})
		whole := check(t, events, checker.Options{})
		if f.found == nil {
			return
		}
		found[f.found.Property]++
		if whole.Verdict != report.Invalid {
			rt.Fatalf("%s was broken after %d events (%s), and the whole is %s\n%s",
				f.found.Property, f.at, f.found.Explanation, whole.Verdict, show(t, events))
		}
		n := &naive{events: slices.Clone(events[:f.at])}
		if got := n.verdict(f.found.Property); got != report.Invalid {
			rt.Fatalf("%s is %s by its twin in the first %d events\n%s", f.found.Property, got, f.at, show(t, events))
		}
		if f.at < len(events) {
			before++
		}
	})
	t.Logf("found %v, %d of them before the end", found, before)
	if !t.Failed() && (len(found) < 8 || before < 20) {
		t.Errorf("found %v, %d of them before the end: the comparison proves little", found, before)
	}
}

// TestLiveMissesNothing has some more happen, so that a suspicious history is judged
// again: nothing of the kind that a beginning shows may be left then.
func TestLiveMissesNothing(t *testing.T) {
	atEnd := []string{"agreement", "uniform-agreement", "primary-chain", "recovery"} // may show only at the end
	missable := 0
	rapid.Check(t, func(rt *rapid.T) {
		events := anyHistory(rapidDice{rt})
		for range 80 {
			events = append(events, history.Event{Type: history.Fault, Fault: "kill", Phase: history.FaultSkip})
		}
		whole, f := check(t, events, checker.Options{}), follow(t, events, checker.Options{})
		for _, p := range checker.Properties {
			if !p.Lasting || slices.Contains(atEnd, p.Name) || whole.Properties[p.Name].Verdict != report.Invalid {
				continue
			}
			if missable++; f.found == nil {
				rt.Fatalf("%s is invalid, and was never found\n%s", p.Name, show(t, events[:len(events)-80]))
			}
		}
	})
	if !t.Failed() && missable < 20 {
		t.Errorf("%d violations only that could be missed", missable)
	}
}

// TestLiveReadsLinearly has a long history be suspicious from its first event on, and
// never wrong.
func TestLiveReadsLinearly(t *testing.T) {
	events, err := script("n1.1 installs 1 {n1.1} non-primary")
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		events = append(events, history.Event{Type: history.Fault, Fault: "kill", Phase: history.FaultSkip})
	}
	f := follow(t, events, checker.Options{})
	if n := int64(len(events)); f.found != nil || f.read < n || f.read > 6*n {
		t.Errorf("%d events were read again for a history of %d; found %v", f.read, n, f.found)
	}
}

// TestLiveWaits has a beginning that looks like two groups, and a view that shows
// them to be one.
func TestLiveWaits(t *testing.T) {
	events, err := script("n1.1 installs 1 {n1.1}\nn2.1 installs 2 {n2.1}\nn9.1 installs 9 {n9.1} non-primary\nn3.1 installs 3 {n3.1 n1.1 n2.1}")
	if err != nil {
		t.Fatal(err)
	}
	if f := follow(t, events, checker.Options{}); f.found != nil || f.read == 0 {
		t.Errorf("found %v, after reading %d events", f.found, f.read)
	}
	if got := check(t, events[:3], checker.Options{}).Properties["primary-chain"].Verdict; got != report.Invalid {
		t.Errorf("the beginning alone is %s: there was nothing to wait for", got)
	}
}
