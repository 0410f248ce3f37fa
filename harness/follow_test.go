package harness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run/runtest"
	"groupy/harness/system"
	"groupy/harness/verdict"
)

func followPlan(t testing.TB, protocol, workload string, seed int, change func(*plan.Options)) *plan.Plan {
	t.Helper()
	o := plan.Options{
		Seed: fmt.Sprint(workload, protocol, seed), Protocol: protocol, Workload: workload, Nodes: 5, Rate: 200,
		TimeLimit: 4 * time.Second, Heartbeat: 50 * time.Millisecond, Timeout: 300 * time.Millisecond, Nemesis: []string{},
	}
	if change != nil {
		change(&o)
	}
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWorkloadsOfOrderHold: on every level, what its fault model forgives does not
// break a chain, and the gates see that the operations did wait for one another.
func TestWorkloadsOfOrderHold(t *testing.T) {
	for _, workload := range []string{"fifo-chain", "causal"} {
		for _, level := range system.Levels {
			j := judgedInSim(t, followPlan(t, level.Name, workload, 1, nil))
			followed := gate(j, "followed")
			causal := j.Properties["causal-order"]
			t.Logf("%s on %s: %s, %d followed, causal-order %s over %d", workload, level.Name, j.Verdict, followed, causal.Verdict, causal.Evidence)
			if j.Verdict != checker.Valid || followed < 100 {
				t.Errorf("%s on %s is %s, %d operations followed: %v", workload, level.Name, j.Verdict, followed, j.Unknown)
			}
			if causal.Promised {
				t.Errorf("%s: causal-order is promised, which no level does", workload)
			}
		}
	}
}

// TestChainsBreakWhereTheyShould: reordered requests break a chain of gms4, whose
// requests bear no numbers, never one of gms5; and a group whose clients wait in
// vain proves nothing.
func TestChainsBreakWhereTheyShould(t *testing.T) {
	broken := map[string]int{}
	for _, protocol := range []string{"gms4", "gms5"} {
		for seed := range 5 {
			p := followPlan(t, protocol, "causal", seed, func(o *plan.Options) { o.Nemesis = []string{"duplicate", "reorder"} })
			j := judgedInSim(t, p)
			for _, name := range []string{"causal-order", "fifo-order", "no-duplication"} {
				if j.Properties[name].Verdict == checker.Invalid {
					broken[protocol]++
					break
				}
			}
		}
	}
	if t.Logf("runs with a broken order: %v", broken); broken["gms4"] == 0 || broken["gms5"] > 0 {
		t.Errorf("duplicated and reordered requests break %v; want some of gms4 and none of gms5", broken)
	}
	p := followPlan(t, "gms5", "fifo-chain", 1, nil)
	p.Ops = p.Ops[:1]
	j := judgedInSim(t, p)
	if j.Verdict != checker.Unknown || !slices.ContainsFunc(j.Unknown, func(r checker.Reason) bool { return r.Code == "gate-followed" }) {
		t.Errorf("a chain of one link is %s: %v", j.Verdict, j.Unknown)
	}
}

// TestChainsWait: no link is asked before the one before it has ended, and an
// answer only after its question was delivered at the node that answers.
func TestChainsWait(t *testing.T) {
	for _, workload := range []string{"fifo-chain", "causal"} {
		p := followPlan(t, "gms5", workload, 3, func(o *plan.Options) { o.Nemesis = []string{"kill", "delay"} })
		invoked, ended := map[string]int{}, map[string]int{}
		for i, e := range runtest.EventsOf(t, inSim(t, p)) {
			e := &e
			switch id := verdict.MessageOf(e); {
			case e.Type == "invoke" && id != "":
				invoked[id] = i
			case (e.Type == "ok" || e.Type == "fail" || e.Type == "info") && id != "":
				ended[id] = i
			case e.Type == "deliver":
				name, _, _ := strings.Cut(e.Member, ".")
				if key := e.Msg + "@" + name; ended[key] == 0 {
					ended[key] = i
				}
			}
		}
		asked := 0
		for _, op := range p.Ops {
			at, was := invoked[op.Message()]
			before := op.After
			if op.Seen {
				before += "@" + op.Node
			}
			if _, came := invoked[op.After]; !was || !came && !op.Seen {
				continue // one that could not be asked is not waited for
			}
			if asked++; op.After != "" && (ended[before] == 0 || ended[before] > at) {
				t.Errorf("%s: %s is asked at %d, %s is over at %d", workload, op.Message(), at, before, ended[before])
			}
		}
		if asked < 100 {
			t.Errorf("%s: only %d operations were asked", workload, asked)
		}
	}
}

// TestChurn: members come and go all the time, and gms5 keeps its promises.
func TestChurn(t *testing.T) {
	for seed := range seeds(6) {
		p := followPlan(t, "gms5", "churn", seed, func(o *plan.Options) { o.TimeLimit = 8 * time.Second })
		j := judgedInSim(t, p)
		t.Logf("seed %d: %s, %d members, %d views, %d joins %v", seed, j.Verdict, j.Stats.Members, j.Stats.Views, gate(j, "succeeded-join"), j.Unknown)
		if j.Verdict == checker.Invalid || j.Stats.Members < 9 {
			t.Errorf("seed %d: %s with %d members: %v", seed, j.Verdict, j.Stats.Members, j.Unknown)
		}
	}
}

// TestOrderOnRealProcesses runs the three once each, briefly, on real processes.
// Whether a view changes while something is asked is chance there.
func TestOrderOnRealProcesses(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, workload := range []string{"fifo-chain", "causal", "churn"} {
		p := followPlan(t, "gms5", workload, 1, func(o *plan.Options) {
			o.TimeLimit, o.Timeout, o.Nodes = 1500*time.Millisecond, 500*time.Millisecond, 3
			if workload == "churn" {
				o.TimeLimit, o.Nodes = 7*time.Second, 5
			}
		})
		result := runtest.RunPlan(t, p)
		t.Logf("%s: %s, %d followed, %d members %v", workload, result.Judgement.Verdict, gate(result.Judgement, "followed"), result.Judgement.Stats.Members, result.Judgement.Unknown)
		for _, why := range result.Judgement.Unknown {
			if why.Code != "gate-view-change-in-flight" {
				t.Errorf("%s is unknown: %s", workload, why.Text)
			}
		}
		if result.Judgement.Verdict == checker.Invalid {
			t.Errorf("%s breaks %s", workload, verdict.SignatureOf(result.Judgement))
		}
	}
}

func gate(j *verdict.Judgement, name string) int {
	for _, g := range j.Gates {
		if g.Name == name {
			return g.Count
		}
	}
	return 0
}
