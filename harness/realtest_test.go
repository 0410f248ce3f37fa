package harness

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
	"groupy/harness/world"
)

// What the tests on real processes share: the program, built once, and a run of
// a plan on it.

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

func eventsOf(t testing.TB, data []byte) (list []history.Event) {
	t.Helper()
	r, err := fromMemory(data)()
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

// failing is a plan that fails in sim, the first one by seed, and in which way.
func failing(t testing.TB, o Options) (*Plan, Signature) {
	t.Helper()
	for i := range 200 {
		o.Seed = fmt.Sprintf("shrink-%d", i)
		p, err := NewPlan(o)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if s := SignatureOf(run.Judgement); s != "" {
			return p, s
		}
	}
	t.Fatalf("no seed of %+v fails", o)
	return nil, ""
}
