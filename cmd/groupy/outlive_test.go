//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/ground"
)

// A node may be started by a wrapper, as a child of its own; or in a session of
// its own, out of reach of every signal to the wrapper's group. A node ends with
// its stdin, so beside it runs something that does not.
const (
	wrapped = "#!/bin/sh\nsleep 1000 &\n\"$@\"\nexit $?\n"
	escaped = "#!/bin/sh\nsetsid sleep 1000 &\nsetsid \"$@\"\nexit $?\n"
)

// endings are the ways in which a harness is stopped before its end.
var endings = []struct {
	name    string
	signals []syscall.Signal
	orderly bool // the harness has the time to end what it started itself
}{
	{"SIGINT", []syscall.Signal{syscall.SIGINT}, true},
	{"SIGTERM", []syscall.Signal{syscall.SIGTERM}, true},
	{"SIGKILL", []syscall.Signal{syscall.SIGKILL}, false},
	{"SIGINT twice", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, false},
	{"SIGHUP", []syscall.Signal{syscall.SIGHUP}, false},
}

// TestNothingOutlivesARun stops harnesses at random moments in every way, and
// looks for what they leave behind.
func TestNothingOutlivesARun(t *testing.T) {
	bin := t.TempDir()
	type way struct{ wrapper, network string }
	ways := []way{{"", ""}, {script(t, bin, "wrapped", wrapped), ""}}
	if _, err := exec.LookPath("setsid"); err == nil {
		ways = append(ways, way{script(t, bin, "escaped", escaped), ""})
	} else {
		t.Log("no setsid: no node is started in a session of its own")
	}
	if missing := ground.Missing(ground.Wire...); missing == nil {
		ways = append(ways, way{"", "wire"})
	} else {
		t.Log("no run on the wire:", missing)
	}
	seed := time.Now().UnixNano()
	t.Logf("moments drawn from %d", seed)
	draw := rand.New(rand.NewPCG(uint64(seed), 0))
	rounds := make(chan struct{}, 5) // at a time
	for i, ending := range endings {
		for j, w := range ways {
			after := time.Duration(draw.Int64N(int64(3 * time.Second)))
			t.Run(fmt.Sprintf("%s %d", ending.name, j), func(t *testing.T) {
				t.Parallel()
				rounds <- struct{}{}
				defer func() { <-rounds }()
				stopped(t, w.wrapper, w.network, ending.signals, ending.orderly, after, fmt.Sprint(seed, i, j))
			})
		}
	}
}

func script(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// stopped starts a run, stops it after a while, and looks around.
func stopped(t *testing.T, wrapper, network string, signals []syscall.Signal, orderly bool, after time.Duration, name string) {
	dir := t.TempDir()
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"run", "--store", "store", "--nodes", "5", "--time-limit", "2s",
		"--nemesis", "pause,kill,restart,isolate-leader", "--seed", strings.ReplaceAll(name, " ", "-"),
	}
	if network != "" {
		args = append(args, "--network", network)
	}
	if wrapper != "" {
		args = append(args, "--bin", wrapper, "--config", `{"protocol":"gms5"}`, "--", program, "node")
	}
	cmd := exec.Command(program, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), marker+"="+name, "TMPDIR="+tmp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // whatever became of the test
		_ = cmd.Process.Kill()
		for left := marked(t, name); len(left) > 0; left = marked(t, name) {
			for pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	time.Sleep(after) // a random moment, of which nothing is expected
	seen := marked(t, name)
	sockets := listening(seen)
	t.Logf("%v after %v, with %d processes and %d listening sockets", signals, after, len(seen), len(sockets))
	for _, s := range signals {
		_ = cmd.Process.Signal(s)
	}
	err := cmd.Wait()
	left := marked(t, name)
	if !orderly { // the warden comes after the harness; and who dies loses its environment before its sockets
		give := time.Now().Add(20 * time.Second)
		for (len(left) > 0 || len(stillListening(sockets)) > 0) && time.Now().Before(give) {
			time.Sleep(5 * time.Millisecond)
			left = marked(t, name)
		}
	}
	if len(left) > 0 {
		t.Errorf("processes outlive the run: %v\n%s", left, &out)
	}
	if open := stillListening(sockets); len(open) > 0 {
		t.Errorf("sockets outlive the run: %v", open)
	}
	if mounts, _ := os.ReadFile("/proc/self/mountinfo"); bytes.Contains(mounts, []byte(dir)) {
		t.Errorf("mounts outlive the run:\n%s", mounts)
	}
	if _, err := os.Stat("/sys/class/net/wire0"); err == nil {
		t.Error("a node's network device is seen outside of its machine")
	}
	if files, _ := os.ReadDir(tmp); len(files) > 0 {
		t.Errorf("temporary files outlive the run: %v", files)
	}
	lookAtStore(t, dir, &out, err, orderly)
}

// lookAtStore sees to it that what a stopped run leaves in the store is of use.
func lookAtStore(t *testing.T, dir string, out *bytes.Buffer, ended error, orderly bool) {
	folders, _ := filepath.Glob(filepath.Join(dir, "store", "*-multicast", "*"))
	if len(folders) == 0 {
		t.Log("stopped before there was a folder")
		return
	}
	folder := folders[0]
	recordings, _ := filepath.Glob(filepath.Join(folder, "data", "*", "*.rec"))
	if _, err := os.Stat(filepath.Join(folder, "data")); err == nil && len(recordings) == 0 {
		t.Errorf("the nodes' empty data folders outlive the run")
	}
	if len(recordings) > 0 { // what was recorded before the stop can be rebuilt
		rebuild := exec.Command(program, "replay", "--recorded", folder)
		text, err := rebuild.CombinedOutput()
		if code := rebuild.ProcessState.ExitCode(); code != 0 && code != 254 || code == 254 && orderly {
			t.Errorf("replay --recorded of the stopped run: %v\n%s", err, text)
		}
	}
	history, err := os.ReadFile(filepath.Join(folder, "history.jsonl"))
	if err == nil && bytes.IndexByte(history, '\n') >= 0 || orderly && err == nil {
		check := exec.Command(program, "check", folder)
		verdict, err := check.CombinedOutput()
		if code := check.ProcessState.ExitCode(); code < 0 || code > 2 {
			t.Errorf("check of the stopped run: %v\n%s", err, verdict)
		}
	}
	if !orderly || ended == nil {
		return // or its end came first
	}
	var exited *exec.ExitError
	if !errors.As(ended, &exited) || exited.ExitCode() == exit.Harness {
		if !strings.Contains(out.String(), "stopped before its end") || !strings.Contains(out.String(), filepath.Base(folder)) {
			t.Errorf("exit %v without a word of where the history is:\n%s", ended, out)
		}
		return
	}
	if code := exited.ExitCode(); code > 2 || code < 0 && exited.Sys().(syscall.WaitStatus).Signal() == 0 {
		t.Errorf("a stopped run ended with %v:\n%s", ended, out)
	}
}
