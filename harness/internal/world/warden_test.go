//go:build linux

package world

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sleeper starts a process that sleeps in a process group of its own.
func sleeper(t *testing.T, environment ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), environment...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// killed waits for a process's end and reports whether SIGKILL was its cause.
func killed(cmd *exec.Cmd) bool {
	impatient := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer impatient.Stop()
	_ = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signal() == syscall.SIGKILL
}

// runs reports whether a process that was not waited for still runs.
func runs(cmd *exec.Cmd) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestTheWardenEndsWhatIsLeft(t *testing.T) {
	m := newMark(time.Now())
	left, ended := sleeper(t), sleeper(t)
	marked := sleeper(t, markName+"="+string(m.Of("n1.1")))
	dir := t.TempDir()
	empty, full := filepath.Join(dir, "empty"), filepath.Join(dir, "full")
	for _, path := range []string{empty, full, filepath.Join(full, "file")} {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	Warden(strings.NewReader(fmt.Sprintf("=%s\n%q\n%q\n+%d\n+%d\n-%d\n\nnonsense\n+1\n", m, empty, full,
		left.Process.Pid, ended.Process.Pid, ended.Process.Pid)))
	if !killed(left) || !killed(marked) {
		t.Error("a process that was left did not end by SIGKILL")
	}
	if !runs(ended) {
		t.Error("the warden killed a group of which it was told that it had ended")
	}
	if _, err := os.Stat(empty); err == nil {
		t.Error("the empty folder is still there")
	}
	if _, err := os.Stat(full); err != nil {
		t.Errorf("the folder that is not empty: %v", err)
	}
}

// TestASweepTakesOnlyItsOwn: one member's sweep leaves the others alone, n1.1 is
// not n1.11, and another world is none of its business.
func TestASweepTakesOnlyItsOwn(t *testing.T) {
	m := newMark(time.Now())
	mine := sleeper(t, markName+"="+string(m.Of("n1.1")))
	others := []*exec.Cmd{
		sleeper(t, markName+"="+string(m.Of("n1.11"))),
		sleeper(t, markName+"="+string(newMark(time.Now().Add(1)).Of("n1.1"))),
		sleeper(t, "NO_"+markName+"="+string(m.Of("n1.1"))),
	}
	m.Of("n1.1").Sweep()
	if !killed(mine) {
		t.Error("the sweep did not kill its own")
	}
	for i, other := range others {
		if !runs(other) {
			t.Errorf("the sweep killed process %d, which is none of its own", i)
		}
	}
}

// TestAnEscapedChildDoesNotOutliveItsNode: what a wrapper starts in a session of
// its own holds the node's pipes, and no signal to the node's group reaches it.
func TestAnEscapedChildDoesNotOutliveItsNode(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("needs setsid")
	}
	dir := t.TempDir()
	w, err := NewReal(RealConfig{
		Nodes: []string{"n1"}, Seed: "1", LogDir: dir, DataDir: filepath.Join(dir, "data"),
		Program: Program{Path: "/bin/sh", Args: []string{"-c", "setsid sleep 1000 & setsid sleep 1000 >/dev/null & exit 7"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start("n1", 1); err != nil {
		t.Fatal(err)
	}
	e, err := w.Next(context.Background(), time.Minute)
	if exit, ok := e.(Exited); !ok || exit.Code != 7 {
		t.Errorf("the node's end is told as %#v, %v; want code 7", e, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if left := w.warden.Mark.Processes(); len(left) > 0 {
		t.Errorf("processes %v outlive the world", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("the empty data folder outlives the world")
	}
}
