package campaign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupy/harness/campaign"
	"groupy/harness/campaign/campaigntest"
)

// A journal cut anywhere opens with its whole lines, and can be appended to.
func TestJournalSurvivesACutAnywhere(t *testing.T) {
	dir := campaigntest.Written(t, t.TempDir())
	path := filepath.Join(dir, campaign.JournalFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		lines := 0
		j, err := campaign.OpenJournal(dir, func(*campaign.Line) { lines++ })
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if want := strings.Count(string(whole[:cut]), "\n"); lines != want {
			t.Fatalf("cut at %d: %d lines, want %d", cut, lines, want)
		}
		if err := j.Append(campaign.Line{Kind: campaign.KindSession, Session: &campaign.Session{}}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		again := 0
		if err := campaign.ReadJournal(dir, func(*campaign.Line) { again++ }); err != nil || again != lines+1 {
			t.Fatalf("cut at %d: %d lines after one more (%v)", cut, again, err)
		}
		if after, err := os.ReadFile(path); err != nil || after[len(after)-1] != '\n' {
			t.Fatalf("cut at %d: what was cut short is still there: %q (%v)", cut, after, err)
		}
	}
}

func TestJournalRefuses(t *testing.T) {
	dir := campaigntest.Written(t, t.TempDir())
	j, err := campaign.OpenJournal(dir, func(*campaign.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.OpenJournal(dir, func(*campaign.Line) {}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second process may carry it on: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, campaign.JournalFile)
	if err := os.WriteFile(path, []byte("{\"type\":\"session\",\"session\":{}}\nnonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.OpenJournal(dir, func(*campaign.Line) {}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a malformed line is no error that names its place: %v", err)
	}
}
