package index

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/harness/campaign"
	"groupy/harness/campaign/campaigntest"
	"groupy/harness/plan"
	"groupy/harness/run"
)

func TestRebuildGivesWhatTheJournalHolds(t *testing.T) {
	store := t.TempDir()
	dir := campaigntest.Written(t, store)
	if _, err := ReadDB(store); err == nil {
		t.Error("a store without a database was opened for reading")
	}
	for range 2 { // also over an old database
		campaigns, lines, err := Rebuild(store)
		if err != nil || campaigns != 1 || lines != 5 {
			t.Fatalf("rebuilt %d campaigns of %d lines: %v", campaigns, lines, err)
		}
	}
	db, err := ReadDB(store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list, err := db.Campaigns()
	if err != nil || len(list) != 1 || list[0].Counts != (campaign.Counts{Runs: 3, Valid: 1, Invalid: 1, Unknown: 1}) || list[0].Name != filepath.Base(dir) {
		t.Errorf("campaigns: %+v, %v", list, err)
	}
	failures, err := db.Failures("")
	if err != nil || len(failures) != 1 || failures[0].Count != 1 || failures[0].Of != 3 || failures[0].First.Seed != "b" || failures[0].Shrunk.After != 2 {
		t.Errorf("failures: %+v, %v", failures, err)
	}
	if want := "campaigns/" + list[0].Name + "/x/y"; failures[0].First.Folder != want {
		t.Errorf("the first failure is at %s, want %s", failures[0].First.Folder, want)
	}
	cells, err := db.CellSummaries(list[0].Name)
	if diff := cmp.Diff([]CellSummary{{campaign.Cell{Protocol: "gms2", Workload: "multicast", Nemesis: "kill", Nodes: 3, World: run.WorldSim}, campaign.Counts{Runs: 3, Valid: 1, Invalid: 1, Unknown: 1}}}, cells); err != nil || diff != "" {
		t.Errorf("cells: %s, %v", diff, err)
	}
	coverage, err := db.Coverage(list[0].Name)
	want := map[string]plan.Coverage{"gms2": {"kill": {plan.MomentInFlight: 4}}}
	if diff := cmp.Diff(want, coverage); err != nil || diff != "" {
		t.Errorf("coverage: %s, %v", diff, err)
	}
	if entries, err := filepath.Glob(filepath.Join(store, ".rebuild-*")); err != nil || len(entries) > 0 {
		t.Errorf("rebuilding left %v", entries)
	}
}

// A condition that is none is the user's mistake, and can change nothing.
func TestConditions(t *testing.T) {
	store := t.TempDir()
	campaigntest.Written(t, store)
	if _, _, err := Rebuild(store); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(store, DBFile))
	if err != nil {
		t.Fatal(err)
	}
	db, err := ReadDB(store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for where, want := range map[string]int{
		"": 3, "verdict = 'invalid'": 1, "nodes = 3 AND seed IN ('a', 'c')": 2, "seed = 'z'": 0, "unknown LIKE '%gate%' -- a comment": 1,
	} {
		if rows, err := db.Runs(where, 0); err != nil || len(rows) != want {
			t.Errorf("%q: %d rows, want %d (%v)", where, len(rows), want, err)
		}
	}
	for _, where := range []string{
		"verdict =", "colour = 'red'", "1); DELETE FROM runs; --", "1); SELECT * FROM runs WHERE (1", "1) ATTACH DATABASE 'x.db' AS x --", "load_extension('x')", ")", "'",
	} {
		if rows, err := db.Runs(where, 0); !errors.Is(err, ErrCondition) {
			t.Errorf("%q gave %d rows and %v", where, len(rows), err)
		}
	}
	if _, err := db.sql.Exec("DELETE FROM runs"); err == nil {
		t.Error("a database that is open for reading was written to")
	}
	after, err := os.ReadFile(filepath.Join(store, DBFile))
	if err != nil || string(after) != string(before) {
		t.Errorf("asking changed the database (%v)", err)
	}
}
