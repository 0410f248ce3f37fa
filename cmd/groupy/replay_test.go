package main

import (
	"strings"
	"testing"

	"groupy/checker"
	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// A transplanted run that is not the real one makes the replay unknown, whatever its
// verdict, and says where the two part first.
func TestAReplayThatPartsIsUnknown(t *testing.T) {
	invalid := &run.Result{Judgement: &verdict.Judgement{}}
	invalid.Judgement.Verdict = checker.Invalid
	parting := &replay.Parting{Who: "n1.1", Was: "a view", Is: "a delivery"}
	for name, c := range map[string]struct {
		r    replay.Replayed
		code int
		says string
	}{
		"the same": {replay.Replayed{Transplanted: &replay.Transplanted{}}, 1, "transplanted: each member"},
		"parted":   {replay.Replayed{Transplanted: &replay.Transplanted{}, Parting: parting}, 2, "it does not fail as the real one did; they differ first at\nn1.1\n  real: a view\n  here: a delivery"},
		"kept":     {replay.Replayed{Transplanted: &replay.Transplanted{}, Parting: &replay.Parting{Who: "n1.1", Kept: true}}, 2, "it fails by the same witness"},
		"bare":     {replay.Replayed{Bare: "it was not recorded"}, 1, "not transplanted: it was not recorded"},
		"virtual":  {replay.Replayed{}, 1, "identical"},
	} {
		c.r.Runs = []*run.Result{invalid}
		var out strings.Builder
		err := tellReplay(&out, run.WorldSim, &c.r)
		if exit.Code(err) != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v, want %d\n%s", name, err, c.code, out.String())
		}
	}
}
