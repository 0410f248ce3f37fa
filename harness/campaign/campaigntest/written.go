package campaigntest

import (
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/campaign"
	"groupy/harness/plan"
	"groupy/harness/run"
)

// Written is a campaign with a journal of three runs, one of which fails.
func Written(t *testing.T, store string) (dir string) {
	t.Helper()
	cell := campaign.Cell{Protocol: "gms2", Workload: "multicast", Nemesis: "kill", Nodes: 3, World: run.WorldSim}
	spec := &campaign.Spec{
		Format: campaign.Format, Seed: "s", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Runs: 3,
		Matrix: campaign.Matrix{
			Protocols: []string{"gms2"}, Workloads: []string{"multicast"}, Nemeses: []string{"kill"}, Nodes: []int{3}, Worlds: []string{run.WorldSim},
		},
	}
	dir, err := spec.Create(store)
	if err != nil {
		t.Fatal(err)
	}
	j, err := campaign.OpenJournal(dir, func(*campaign.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	met := plan.Coverage{}
	met.Add("kill", plan.MomentInFlight, 2)
	for _, l := range []campaign.Line{
		{Kind: campaign.KindSession, Session: &campaign.Session{At: spec.Began}},
		{Kind: campaign.KindRun, Run: &campaign.Run{Number: 1, Cell: cell, Seed: "b", Verdict: checker.Invalid, Signature: "total-order", Folder: "x/y", Events: 7, At: spec.Began, Met: met}},
		{Kind: campaign.KindRun, Run: &campaign.Run{Number: 0, Cell: cell, Seed: "a", Verdict: checker.Valid, Events: 9, At: spec.Began, Met: met}},
		{Kind: campaign.KindRun, Run: &campaign.Run{Number: 2, Cell: cell, Seed: "c", Verdict: checker.Unknown, Unknown: []string{"gate-faults"}, At: spec.Began}},
		{Kind: campaign.KindShrunk, Shrunk: &campaign.Shrunk{Group: campaign.Group{Protocol: "gms2", Signature: "total-order"}, From: 1, Folder: "x-shrunk/y", World: "sim", Before: 40, After: 2, Nodes: 2}},
	} {
		if err := j.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
