package harness

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/world"
)

// What the tests on real processes share: the program, built once, and a run of
// a plan on it.

// binaries is the folder of what the tests build; gone when they are over.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "groupy-test-"); err != nil {
		fmt.Fprintln(os.Stderr, "no folder for the program under test:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(code)
}

// buildFlags are those that the test binary was built with (race_test.go).
var buildFlags []string

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "groupy")
	args := append(append([]string{"build"}, buildFlags...), "-o", path, "groupy/cmd/groupy")
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program under test: %w\n%s", err, out)
	}
	return path, nil
})

// program is the path of cmd/groupy, built when the first test asks for it.
func program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// jobFor is a run of the plan with real processes, in a store that goes with the
// test. Its log is shown if the test fails.
func jobFor(t testing.TB, plan *Plan) Job {
	t.Helper()
	path := program(t)
	var log bytes.Buffer
	t.Cleanup(func() {
		if t.Failed() && log.Len() > 0 {
			t.Logf("the harness's log:\n%s", log.String())
		}
	})
	return Job{
		Plan:    plan,
		Program: world.Program{Path: path, Args: []string{"node", "--log-level", "debug"}},
		Warden:  world.Program{Path: path, Args: []string{"warden"}},
		Store:   t.TempDir(), Now: time.Now,
		Log: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug}),
	}
}

// runPlan carries a plan out with real processes and judges it. A failure of the
// harness fails the test.
func runPlan(t testing.TB, plan *Plan) *Result {
	t.Helper()
	result, err := jobFor(t, plan).Execute(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", plan.Name, err)
	}
	return result
}
