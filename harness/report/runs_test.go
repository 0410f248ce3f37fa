package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker/history"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/run"
	"groupy/harness/store"
)

// runOf is a run in the simulated world, in a store of its own, with its report.
func runOf(t *testing.T, o plan.Options) (string, *run.Result) {
	t.Helper()
	plan, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	job := run.Job{
		Plan: plan, World: run.WorldSim, Program: world.Program{Path: self}, Store: t.TempDir(),
		Command: "groupy run --seed=" + o.Seed, Log: hclog.NewNullLogger(), Now: time.Now,
	}
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return drawn(t, string(result.Folder)), result
}

// broken is a run that kills the leader of gms2 in the middle of a multicast.
func broken(t *testing.T) (string, *run.Result) {
	return runOf(t, plan.Options{
		Nodes: 5, Protocol: "gms2", Workload: "multicast", Nemesis: []string{"kill-mid-multicast"}, Seed: "1", Rate: 50,
		TimeLimit: 5 * time.Second, ClientsEach: 4, Timeout: time.Second, Heartbeat: 100 * time.Millisecond, StartLimit: time.Second,
	})
}

// drawn draws a folder's report and gives the page's address.
func drawn(t *testing.T, folder string) string {
	t.Helper()
	if err := report.Draw(folder, nil); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(filepath.Join(folder, report.File))
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// written is a folder with a history of so many messages: five members in one
// view deliver each, but for skip, which the last member lacks. name names
// messages.
func written(t testing.TB, messages int, name func(int) string, skip int) string {
	t.Helper()
	folder := t.TempDir()
	file, err := os.Create(filepath.Join(folder, store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	nodes := []string{"n1", "n2", "n3", "n4", "n5"}
	members := []string{"n1.1", "n2.1", "n3.1", "n4.1", "n5.1"}
	out, err := history.NewWriter(file, history.Header{Name: "written", Seed: "s", World: "virtual", Protocol: "gms5", Workload: "multicast", Nodes: nodes})
	if err != nil {
		t.Fatal(err)
	}
	now := int64(0)
	add := func(e history.Event) {
		now += 20_000
		e.Time = now
		if err := out.Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range members {
		add(history.Event{Type: history.Start, Node: nodes[i], Member: m})
	}
	for _, m := range members {
		add(history.Event{Type: history.View, Member: m, View: "1", Members: members})
	}
	for i := range messages {
		sender, value := i%5, name(i)
		text, _ := json.Marshal(value)
		process := fmt.Sprintf("c%d", sender)
		add(history.Event{Type: history.Invoke, Process: process, Node: nodes[sender], F: "multicast", Value: text})
		for q, m := range members {
			if i == skip && q == 4 {
				continue
			}
			add(history.Event{Type: history.Deliver, Member: m, Msg: value, Sender: members[sender], View: "1", State: fmt.Sprintf("#%06x", i&0xffffff)})
		}
		add(history.Event{Type: history.OK, Process: process, Node: nodes[sender], F: "multicast", Value: text})
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return folder
}
