package main

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"groupy/harness/report"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// breaks is a run in the simulated world that ends invalid, and its exit code is 1.
var breaks = []string{"run", "--world", "sim", "--protocol", "gms2", "--nemesis", "kill-mid-multicast", "--seed", "1", "--time-limit", "4s", "--rate", "10"}

// TestABrokenTemplateChangesNoVerdict draws with a template that fails half way.
func TestABrokenTemplateChangesNoVerdict(t *testing.T) {
	usual := drawReport
	defer func() { drawReport = usual }()
	bad := template.Must(template.New("").Parse("<p>{{.Title}}{{.NoSuchField}}"))
	drawReport = func(folder string, j *verdict.Judgement) error { return report.DrawWith(bad, folder, j) }

	root := t.TempDir()
	var out, errOut bytes.Buffer
	if code := execute(context.Background(), append(breaks, "--store", root), nil, &out, &errOut); code != 1 {
		t.Errorf("exit code %d, want 1; it says %s", code, errOut.String())
	}
	if !strings.Contains(out.String(), "verdict: invalid") || !strings.Contains(errOut.String(), "no report, but the verdict stands") {
		t.Errorf("the command says\n%s\n%s", out.String(), errOut.String())
	}
	latest := filepath.Join(root, "latest")
	for name, want := range map[string]bool{store.VerdictFile: true, report.File: false, report.File + ".part": false} {
		if _, err := os.Stat(filepath.Join(latest, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
	if code := execute(context.Background(), []string{"check", latest}, nil, &out, &errOut); code != 1 {
		t.Errorf("check ends with %d, want 1", code)
	}
}

// TestAFullDiskChangesNoVerdict lets files grow to a size that holds a run's
// history and no report. To the program that is a disk without room.
func TestAFullDiskChangesNoVerdict(t *testing.T) {
	sh, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to limit the size of files")
	}
	store := t.TempDir()
	latest := filepath.Join(store, "latest")
	limited := func(args ...string) (string, int) {
		cmd := exec.Command(sh, append([]string{"-c", `ulimit -f 60; exec "$0" "$@"`, program}, args...)...)
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(said), cmd.ProcessState.ExitCode()
	}
	said, code := limited(append(breaks, "--store", store)...)
	if code != 1 || !strings.Contains(said, "no report, but the verdict stands") || !strings.Contains(said, "verdict: invalid") {
		t.Fatalf("the run ends with %d, want 1, and says\n%s", code, said)
	}
	if code := execute(context.Background(), []string{"report", latest}, nil, &bytes.Buffer{}, &bytes.Buffer{}); code != 0 {
		t.Fatalf("with room, report ends with %d", code)
	}
	before, err := os.ReadFile(filepath.Join(latest, report.File))
	if err != nil {
		t.Fatal(err)
	}
	if said, code := limited("check", latest); code != 1 || !strings.Contains(said, "no report") {
		t.Errorf("check ends with %d, want 1, and says\n%s", code, said)
	}
	if after, err := os.ReadFile(filepath.Join(latest, report.File)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the report that was there is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(latest, report.File+".part")); err == nil {
		t.Error("half a report is left")
	}
}
