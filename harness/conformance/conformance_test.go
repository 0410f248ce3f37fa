package conformance_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"groupy/harness/conformance"
	"groupy/harness/internal/proving"
	"groupy/harness/internal/world"
)

func TestMain(m *testing.M) { proving.Main(m) }

// check puts the built-in node to the contract, each of its lines by way of sed.
func check(t *testing.T, edit, config string) map[string]conformance.Result {
	t.Helper()
	program := proving.Program(t)
	got := map[string]conformance.Result{}
	var order []string
	whole, err := conformance.Check(context.Background(), conformance.Options{
		Program: world.Program{Path: "sh", Args: []string{"-c", `"$0" node | sed -u "$1"`, program, edit}},
		Warden:  world.Program{Path: program, Args: []string{"warden"}},
		Config:  []byte(config), Dir: t.TempDir(), Start: time.Minute, Patience: 3 * time.Second,
	}, func(r conformance.Result) {
		got[r.Name] = r
		order = append(order, r.Name)
	})
	if err != nil {
		t.Fatal(err)
	}
	missing := false
	for i, s := range conformance.Steps {
		if order[i] != s.Name {
			t.Errorf("step %d is %s", i, order[i])
		}
		missing = missing || got[s.Name].State == conformance.Missing
	}
	if whole == missing {
		t.Errorf("whole %v, missing %v", whole, missing)
	}
	return got
}

// The built-in node keeps to all of the contract; what is taken from it is missed in
// its step, and nowhere before.
func TestEachStepMissesWhatIsTakenAway(t *testing.T) {
	if err := exec.Command("sed", "-u", "", "/dev/null").Run(); err != nil {
		t.Skip("needs a sed that does not wait: ", err)
	}
	proving.Program(t) // built before a clock runs
	for _, c := range []struct {
		name, edit, step string
		state            conformance.State
		text             string
	}{
		{"whole", "", "", "", ""},
		{"no init_ok", `s/init_ok/initok/`, "init", conformance.Missing, `unknown type "initok"`},
		{"no view", `/"type":"view"/d`, "join", conformance.Missing, "join_ok before any view that holds n1.1"},
		{"no join_ok", `/join_ok/d`, "join", conformance.Missing, "n1 answers join neither with join_ok nor with error, for 3s"},
		{"delivered", `s/"deliver"/"delivered"/`, "multicast", conformance.Missing, `unknown type "delivered"`},
		{"another sender", `s/"sender":"n1.1"/"sender":"n2.1"/`, "multicast", conformance.Missing, "n1 says that m1 was sent by n2.1"},
		{"an old view", `/"deliver"/s/"view":"1"/"view":"0"/`, "multicast", conformance.Missing, "n1 delivers m1 in view 0"},
		{"another code", `s/"code":10/"code":11/`, "unknown", conformance.Missing, "error 11; the code of an unknown request is 10"},
		{"an indefinite code", `s/"code":11/"code":13/`, "outside", conformance.Missing, "error 13 leaves open"},
		{"views apart", `/"src":"n1"/s/"view":"2"/"view":"two"/`, "second", conformance.Missing, "n1 is in view two and n2 in view 2"},
		{"a lost message", `/"src":"n2".*"deliver".*"n1-7"/d`, "both", conformance.Missing, "n2 does not deliver n1-7"},
		{"nobody dies", `/"view":"4"/d`, "death", conformance.Optional, "n1 is in view 3"},
		{"no leave", `s/"leave_ok",/"error","code":10,"text":"no",/`, "leave", conformance.Optional, "error 10: no"},
		{"no map", `s/"write_ok",/"error","code":10,"text":"no",/`, "map", conformance.Optional, "error 10: no"},
		{"no end", `s/shutdown_ok/join_ok/`, "shutdown", conformance.Missing, "join_ok in reply to shutdown"},
		{"no idle", `/"idle"/d`, "virtual", conformance.Optional, "no idle within 3s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := check(t, c.edit, `{"protocol":"gms5","app":"map","heartbeat_ms":50,"timeout_ms":500}`)
			before := true
			for _, s := range conformance.Steps {
				r := got[s.Name]
				if s.Name == c.step {
					before = false
					if r.State != c.state || !strings.Contains(r.Text, c.text) {
						t.Errorf("%s is %s: %s", s.Name, r.State, r.Text)
					}
					if c.state == conformance.Missing && len(r.Dialogue) == 0 {
						t.Errorf("%s is missing, and nothing of what was said is told", s.Name)
					}
				} else if before && r.State != conformance.OK {
					t.Errorf("%s is %s: %s", s.Name, r.State, r.Text)
				}
			}
		})
	}
}
