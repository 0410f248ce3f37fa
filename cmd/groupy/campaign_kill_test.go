package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groupy/harness/campaign"
	"groupy/harness/index"
	"groupy/harness/store"
	"groupy/node/draw"
)

// A campaign that is killed again and again, by SIGKILL, comes to the same as one
// that is left alone: each run counts once, no folder is without a line and no
// line without its folder. The kills come after a random number of runs; with
// GROUPY_LONG there are twenty. Guided by coverage, each run hangs on those before
// it.
func TestKilledCampaignsComeToTheSame(t *testing.T) {
	kills, runs := 4, 60
	if os.Getenv("GROUPY_LONG") != "" {
		kills, runs = 20, 600
	}
	for _, explore := range []string{"swarm", "coverage"} {
		t.Run(explore, func(t *testing.T) {
			t.Parallel()
			begin := []string{
				"campaign", "--world=sim", "--protocol=gms5", "--mutant=few-acks", "--nemesis=all", "--nemesis=kill", "--nodes=3,4", "--explore=" + explore,
				fmt.Sprint("--runs=", runs), "--seed=" + explore, "--time-limit=3s", "--timeout=250ms", "--heartbeat=50ms", "--parallel=2", "--json", "--shrink=20s",
			}
			alone, killed := t.TempDir(), t.TempDir()
			if _, err := carryOn(t, alone, begin, -1); err == nil || !strings.Contains(err.Error(), "exit status 1") {
				t.Fatalf("undisturbed: %v, want exit status 1", err)
			}
			happened, key := 0, draw.New(t.Name())
			args := begin
			for i := range kills {
				after := key.At(uint64(i)).Intn(2*runs/kills + 1)
				dead, err := carryOn(t, killed, args, after)
				if !dead {
					t.Logf("over before kill %d: %v", i+1, err)
					break
				}
				happened++
				if dir, err := campaign.Find(filepath.Join(killed, "store"), "latest"); err == nil && dir != "" {
					args = []string{"campaign", "--resume=latest", "--json", "--parallel=2"}
				}
			}
			if happened < kills/2 {
				t.Errorf("%d kills: the test shows little", happened)
			}
			if _, err := carryOn(t, killed, []string{"campaign", "--resume=latest", "--json"}, -1); err == nil || !strings.Contains(err.Error(), "exit status 1") {
				t.Errorf("at the end: %v, want exit status 1", err)
			}
			want, got := countedIn(t, alone), countedIn(t, killed)
			if len(want) != runs || !slices.Equal(want, got) {
				t.Errorf("%d runs undisturbed, %d after %d kills; in only one of them: %v", len(want), len(got), happened, parted(want, got))
			}
			t.Logf("%d kills, %d runs", happened, len(got))
		})
	}
}

// carryOn runs a command until it ends, or kills it when it has told of a number
// of runs; below 0: never. It says whether it was killed.
func carryOn(t *testing.T, dir string, args []string, runs int) (killed bool, err error) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told, lines := 0, bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for told != runs && lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte(`{"type":"run"`)) {
			told++
		}
	}
	if told == runs {
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	if told != runs && errOut.Len() > 0 && !strings.Contains(fmt.Sprint(err), "exit status 1") {
		t.Logf("%v: %s", args, errOut.String())
	}
	return told == runs && strings.Contains(fmt.Sprint(err), "killed"), err
}

// countedIn tells each run of a store's one campaign in a line, and checks that
// journal, database and folders agree.
func countedIn(t *testing.T, dir string) (runs []string) {
	t.Helper()
	root := filepath.Join(dir, "store")
	place, err := campaign.Find(root, "latest")
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	err = campaign.ReadJournal(place, func(l *campaign.Line) {
		folder := ""
		switch {
		case l.Run != nil:
			folder = l.Run.Folder
			runs = append(runs, fmt.Sprintf("%04d %s %s %s %s %d events, kept %v", l.Run.Number, l.Run.Cell, l.Run.Seed, l.Run.Verdict, l.Run.Signature, l.Run.Events, folder != ""))
		case l.Shrunk != nil:
			folder = l.Shrunk.Folder
		}
		if folder != "" {
			folders[folder] = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(runs)
	db, err := index.ReadDB(root)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if rows, err := db.Runs("", 0); err != nil || len(rows) != len(runs) {
		t.Errorf("the database holds %d runs, the journal %d (%v)", len(rows), len(runs), err)
	}
	there, err := filepath.Glob(filepath.Join(place, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		name := strings.TrimPrefix(path, place+string(filepath.Separator))
		if !folders[name] {
			t.Errorf("no line tells of %s", name)
		}
		delete(folders, name)
		if _, err := store.Folder(path).Verdict(); err != nil {
			t.Error(err)
		}
	}
	if len(folders) > 0 {
		t.Errorf("lines tell of folders that are not there: %v", folders)
	}
	return runs
}

func parted(a, b []string) (only []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			only = append(only, "-"+x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			only = append(only, "+"+x)
		}
	}
	return only[:min(len(only), 6)]
}
