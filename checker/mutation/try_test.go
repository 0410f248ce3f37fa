package mutation

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// stage is a part of the tests that is run at once, by one room's binary.
type stage struct {
	name string
	room string // import path
	args []string
}

// Bounds of one run of a stage: processor time, which does not depend on what else
// the machine does, as a multiple of what it takes without mutants; and time for the
// case that it only waits.
const (
	leastSeconds = 3
	mostTimes    = 5
	mostTime     = 5 * time.Minute
)

// run runs a stage with one mutant on, 0 for none, and reports whether it passes
// and how many seconds of processor time it took. seen, if it is not empty, is the
// file in which reached places are marked.
func (p *program) run(s stage, id, most int, seen string) (passed bool, out []byte, seconds int) {
	ctx, cancel := context.WithTimeout(context.Background(), mostTime)
	defer cancel()
	r := p.rooms[slices.IndexFunc(p.rooms, func(r room) bool { return r.path == s.room })]
	cmd := exec.CommandContext(ctx, r.binary, append([]string{"-test.failfast", "-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=0s"}, s.args...)...)
	cmd.Dir = r.folder
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GROUPY_") || strings.HasPrefix(v, "GOMAXPROCS=") })
	cmd.Env = append(cmd.Env, "GOMAXPROCS=1", fmt.Sprint("GROUPY_MUTANT=", id), fmt.Sprint("GROUPY_MUTANT_SECONDS=", most))
	if seen != "" {
		cmd.Env = append(cmd.Env, "GROUPY_MUTANTS_SEEN="+seen)
	}
	out, err := cmd.CombinedOutput()
	return err == nil, out, 1 + int(cmd.ProcessState.UserTime().Seconds()+cmd.ProcessState.SystemTime().Seconds())
}

// reached runs the stages without mutants. They must pass; it gives for each which
// mutants' places it reaches, and how many seconds it may take with one.
func (p *program) reached(t *testing.T, stages []stage) (by [][]byte, most []int) {
	t.Helper()
	for i, s := range stages {
		seen := filepath.Join(p.scratch, fmt.Sprint("seen", i))
		if err := os.WriteFile(seen, make([]byte, len(p.mutants)+1), 0o600); err != nil {
			t.Fatal(err)
		}
		passed, out, seconds := p.run(s, 0, 0, seen)
		if !passed {
			t.Fatalf("the %s tests fail without any mutant:\n%s", s.name, out)
		}
		marks, err := os.ReadFile(seen)
		if err != nil {
			t.Fatal(err)
		}
		by = append(by, marks)
		most = append(most, max(leastSeconds, mostTimes*seconds))
		t.Logf("the %s tests of %s take %d s", s.name, s.room, seconds)
	}
	return by, most
}

// try runs the stages that reach the mutant until one fails, and gives the name of
// that one; "": the mutant survives.
func (p *program) try(m mutant, stages []stage, reached [][]byte, most []int) (by string, everReached bool) {
	for i, s := range stages {
		if reached[i][m.id] == 0 {
			continue
		}
		everReached = true
		if passed, _, _ := p.run(s, m.id, most[i], ""); !passed {
			return s.name, true
		}
	}
	return "", everReached
}
