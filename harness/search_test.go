package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
	"groupy/node/draw"
	"groupy/node/machine"
)

// searching is the n-th plan of the search in anger: gms5 under every fault and
// every strategy, in all sizes.
func searching(campaign string, n int) plan.Options {
	k := draw.New(campaign).At(uint64(n))
	var all []string
	for _, s := range plan.Strategies {
		all = append(all, s.Name)
	}
	return plan.Options{
		Name: "search", Seed: fmt.Sprintf("%s/%d", campaign, n), Protocol: "gms5", Nemesis: []string{"all"}, Explore: all,
		Nodes: 2 + k.With("nodes").Intn(6), TimeLimit: time.Duration(2+k.With("main").Intn(7)) * time.Second,
		Rate: k.With("rate").LogBetween(5, 200), ClientsEach: 1 + k.With("clients").Intn(4),
		Timeout: 250 * time.Millisecond, Heartbeat: 50 * time.Millisecond, History: k.With("history").Intn(2) * 30,
	}
}

// wrong says what is wrong with a trial of gms5: a promise that fell, or a node
// that stopped at a broken invariant. It is empty if nothing is.
func wrong(trial *run.Trial) string {
	if s := verdict.SignatureOf(trial.Judgement); s != "" {
		return string(s) + ": " + trial.Judgement.Properties[s.Property()].Explanation
	}
	if bytes.Contains(trial.History, fmt.Appendf(nil, `"code":%d`, machine.ExitPanic)) {
		return "a node stopped at a broken invariant"
	}
	return ""
}

// TestSearch searches gms5 for as long as it is given, and keeps every plan that
// breaks a promise or an invariant in the folder that GROUPY_SEARCH names:
//
//	GROUPY_LONG=1 GROUPY_SEARCH=found GROUPY_SEARCH_SEED=a GROUPY_SEARCH_MINUTES=60 \
//	  go test ./harness -run '^TestSearch$' -v -timeout 0
func TestSearch(t *testing.T) {
	folder := os.Getenv("GROUPY_SEARCH")
	if os.Getenv("GROUPY_LONG") == "" || folder == "" {
		t.Skip("a search that takes as long as it is given: set GROUPY_LONG=1 and GROUPY_SEARCH=FOLDER")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Duration(number(t, "GROUPY_SEARCH_MINUTES", 60)) * time.Minute)
	campaign := "search-" + os.Getenv("GROUPY_SEARCH_SEED")
	var sum struct {
		Runs, Wrong, Unknown int
		Lines                int64 // of history: one kind of simulated event
	}
	for n := 0; time.Now().Before(end); n++ {
		p := mustPlan(t, searching(campaign, n))
		trial, err := run.Try(context.Background(), p)
		if err != nil {
			t.Errorf("%s: the harness broke: %v", p.Seed, err)
			continue
		}
		sum.Runs++
		sum.Lines += trial.Judgement.Stats.Events
		if trial.Judgement.Verdict == checker.Unknown {
			sum.Unknown++
		}
		if why := wrong(trial); why != "" {
			sum.Wrong++
			t.Errorf("%s: %.300s", p.Seed, why)
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.json", campaign, n)), p.Encode(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if n%50 == 0 {
			text, _ := json.Marshal(sum)
			if err := os.WriteFile(filepath.Join(folder, campaign+".sum"), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%+v", sum)
}

// Plans that once broke a promise or an invariant of gms5 do so no more.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/regressions/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the search has found nothing in gms5 yet")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			trial, err := run.Try(context.Background(), storedPlan(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if why := wrong(trial); why != "" {
				t.Error(why)
			}
		})
	}
}

func storedPlan(t *testing.T, file string) *plan.Plan {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	p, err := plan.ReadPlan(in)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return p
}

// The search would see a node that stopped at a broken invariant.
func TestSearchSeesBrokenInvariants(t *testing.T) {
	var out bytes.Buffer
	w, err := history.NewWriter(&out, history.Header{})
	if err != nil {
		t.Fatal(err)
	}
	code := machine.ExitPanic
	err = errors.Join(w.Append(&history.Event{Type: history.Stop, Node: "n1", Member: "n1.1", How: history.StopExit, Code: &code}), w.Flush())
	if err != nil {
		t.Fatal(err)
	}
	if wrong(&run.Trial{Judgement: &verdict.Judgement{}, History: out.Bytes()}) == "" {
		t.Errorf("nothing is wrong with %s", out.Bytes())
	}
}
