package campaign

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/checker"
	"groupy/harness/run"
)

// A tally does not hang on the order of its lines, and a run that is there twice
// counts once.
func TestTallyCountsEachRunOnce(t *testing.T) {
	cell := Cell{"gms2", "multicast", "kill", 3, run.WorldSim}
	rapid.Check(t, func(t *rapid.T) {
		var lines []*Line
		want := Counts{Runs: rapid.IntRange(1, 20).Draw(t, "runs")}
		first := -1
		for i := range want.Runs {
			r := &Run{Number: i, Cell: cell, Verdict: checker.Valid}
			if rapid.Bool().Draw(t, "fails") {
				r.Verdict, r.Signature = checker.Invalid, "total-order"
				want.Invalid++
				if first < 0 {
					first = i
				}
			} else {
				want.Valid++
			}
			lines = append(lines, &Line{Kind: KindRun, Run: r})
		}
		tally := NewTally()
		for _, l := range rapid.Permutation(append(lines, lines...)).Draw(t, "order") {
			tally.Add(l)
		}
		if diff := cmp.Diff(want, tally.Total); diff != "" {
			t.Fatal(diff)
		}
		failures := tally.Failures()
		if first < 0 && len(failures) > 0 || first >= 0 && (len(failures) != 1 || failures[0].First.Number != first || failures[0].Count != want.Invalid || failures[0].Of != want.Runs) {
			t.Fatalf("%+v; the first is run %d of %d", failures, first, want.Invalid)
		}
	})
}

// The time that a campaign worked is that of its sessions, without what lies
// between them.
func TestWorkedIsTheSessions(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	tally := NewTally()
	for i, l := range []*Line{
		{Kind: KindSession, Session: &Session{At: at(0), SHA256: "a"}},
		{Kind: KindRun, Run: &Run{At: at(3)}},
		{Kind: KindRun, Run: &Run{At: at(2)}}, // it ended before, and was written after
		{Kind: KindSession, Session: &Session{At: at(100), SHA256: "b"}},
		{Kind: KindRun, Run: &Run{At: at(104)}},
	} {
		if l.Run != nil {
			l.Run.Number = i
		}
		tally.Add(l)
	}
	if tally.Worked != 7*time.Second || len(tally.Programs) != 2 {
		t.Errorf("it worked for %v with %d programs, want 7s and 2", tally.Worked, len(tally.Programs))
	}
}
