package campaign

import (
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness"
)

// written is a campaign with a journal of three runs, one of which fails.
func written(t *testing.T, store string) (dir string) {
	t.Helper()
	cell := Cell{"gms2", "multicast", "kill", 3, harness.WorldSim}
	spec := &Spec{
		Format: Format, Seed: "s", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Runs: 3,
		Matrix: Matrix{[]string{"gms2"}, []string{"multicast"}, []string{"kill"}, []int{3}, []string{harness.WorldSim}},
	}
	dir, err := spec.Create(store)
	if err != nil {
		t.Fatal(err)
	}
	j, err := OpenJournal(dir, func(*Line) {})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	met := harness.Coverage{}
	met.Add("kill", harness.MomentInFlight, 2)
	for _, l := range []Line{
		{Kind: KindSession, Session: &Session{At: spec.Began}},
		{Kind: KindRun, Run: &Run{Number: 1, Cell: cell, Seed: "b", Verdict: checker.Invalid, Signature: "total-order", Folder: "x/y", Events: 7, At: spec.Began, Met: met}},
		{Kind: KindRun, Run: &Run{Number: 0, Cell: cell, Seed: "a", Verdict: checker.Valid, Events: 9, At: spec.Began, Met: met}},
		{Kind: KindRun, Run: &Run{Number: 2, Cell: cell, Seed: "c", Verdict: checker.Unknown, Unknown: []string{"gate-faults"}, At: spec.Began}},
		{Kind: KindShrunk, Shrunk: &Shrunk{Group: Group{"gms2", "total-order"}, From: 1, Folder: "x-shrunk/y", World: "sim", Before: 40, After: 2, Nodes: 2}},
	} {
		if err := j.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
