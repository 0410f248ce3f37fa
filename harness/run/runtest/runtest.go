package runtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker/history"
	"groupy/harness/internal/proving"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// What the tests on real processes share: the program, built once, and a run of
// a plan on it.

// JobFor is a run of the plan with real processes, in a store that goes with the
// test. Its log is shown if the test fails.
func JobFor(t testing.TB, plan *plan.Plan) run.Job {
	t.Helper()
	path := proving.Program(t)
	var log bytes.Buffer
	t.Cleanup(func() {
		if t.Failed() && log.Len() > 0 {
			t.Logf("the harness's log:\n%s", log.String())
		}
	})
	return run.Job{
		Plan:    plan,
		Program: world.Program{Path: path, Args: []string{"node", "--log-level", "debug"}},
		Warden:  world.Program{Path: path, Args: []string{"warden"}},
		Store:   t.TempDir(), Now: time.Now,
		Log: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug}),
	}
}

// RunPlan carries a plan out with real processes and judges it. A failure of the
// harness fails the test.
func RunPlan(t testing.TB, plan *plan.Plan) *run.Result {
	t.Helper()
	result, err := JobFor(t, plan).Execute(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", plan.Name, err)
	}
	return result
}

func EventsOf(t testing.TB, data []byte) (list []history.Event) {
	t.Helper()
	r, err := verdict.FromMemory(data)()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for e, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		c := *e
		c.Value = slices.Clone(e.Value)
		c.Msg, c.Member, c.Type = strings.Clone(e.Msg), strings.Clone(e.Member), e.Type
		list = append(list, c)
	}
	return list
}

// Failing is a plan that fails in sim, the first one by seed, and in which way.
func Failing(t testing.TB, o plan.Options) (*plan.Plan, verdict.Signature) {
	t.Helper()
	for i := range 200 {
		o.Seed = fmt.Sprintf("shrink-%d", i)
		p, err := plan.NewPlan(o)
		if err != nil {
			t.Fatal(err)
		}
		run, err := run.Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if s := verdict.SignatureOf(run.Judgement); s != "" {
			return p, s
		}
	}
	t.Fatalf("no seed of %+v fails", o)
	return nil, ""
}
