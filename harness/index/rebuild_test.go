package index

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/campaign/campaigntest"
)

// While a campaign writes its rows, a rebuilt database would lose those that come
// after its journal was read.
func TestRebuildRefusesWhileACampaignWrites(t *testing.T) {
	store := t.TempDir()
	dir := campaigntest.Written(t, store)
	x := NewWriter(store, dir, hclog.NewNullLogger())
	for { // until it has the store
		lock, err := holdAlone(store)
		if err != nil {
			break
		}
		if err := lock.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := Rebuild(store); err == nil || !strings.Contains(err.Error(), "a campaign writes the database") {
		t.Errorf("it was rebuilt below a campaign: %v", err)
	}
	x.Close()
	if _, lines, err := Rebuild(store); err != nil || lines != 5 {
		t.Errorf("after the campaign %d lines: %v", lines, err)
	}
}

// A campaign that begins while the database is rebuilt writes into the new one.
func TestACampaignWaitsForARebuild(t *testing.T) {
	store := t.TempDir()
	dir := campaigntest.Written(t, store)
	lock, err := holdAlone(store)
	if err != nil {
		t.Fatal(err)
	}
	x := NewWriter(store, dir, hclog.NewNullLogger())
	waiting := regexp.MustCompile(fmt.Sprintf(`-> FLOCK +ADVISORY +READ %d `, os.Getpid()))
	for { // until the kernel says that it waits
		locks, err := os.ReadFile("/proc/locks")
		if err != nil {
			t.Skip("the kernel does not tell who waits:", err)
		}
		if waiting.Match(locks) {
			break
		}
	}
	if _, err := os.Stat(filepath.Join(store, DBFile)); err == nil {
		t.Error("it did not wait")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	x.Close()
	if n := rowsOf(t, store); n != 3 {
		t.Errorf("%d runs in the database, want 3", n)
	}
}

// TestRebuildAfterAKill rebuilds where a campaign died in the middle of writing:
// half of its pages are in the database, and the journal that takes them back
// beside it.
func TestRebuildAfterAKill(t *testing.T) {
	store := t.TempDir()
	campaigntest.Written(t, store)
	killed(t, store)
	if _, err := ReadDB(store); err == nil || !strings.Contains(err.Error(), "groupy store rebuild") {
		t.Fatalf("of a database that is half written it says %v", err)
	}
	if _, _, err := Rebuild(store); err != nil {
		t.Fatal(err)
	}
	db, err := OpenDB(store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var sound string
	if err := db.sql.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the new database is not sound: %q, %v", sound, err)
	}
	if n := rowsOf(t, store); n != 3 {
		t.Errorf("%d runs in the database, want 3", n)
	}
}

// killed leaves a store's database as the death of its writer does.
func killed(t *testing.T, store string) {
	t.Helper()
	elsewhere := t.TempDir()
	db, err := OpenDB(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"PRAGMA cache_size = 5", // pages that change go to the file before the end
		"BEGIN",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO runs SELECT 'c', i, '', '', '', 3, '', '', '', '', '', '', '', 0, '', 0, 0 FROM n",
	} {
		if _, err := db.sql.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for _, name := range []string{DBFile, DBFile + "-journal"} {
		data, err := os.ReadFile(filepath.Join(elsewhere, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(store, name), data, fs.FileMode(0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

func rowsOf(t *testing.T, store string) int {
	t.Helper()
	db, err := ReadDB(store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Runs("", 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}
