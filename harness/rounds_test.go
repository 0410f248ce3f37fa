package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/store"
	"groupy/nemesis"
)

// coordinatorStruck is a plan in which n1, the leader, freezes for longer than the
// others' patience, and whoever coordinates the view change freezes too, having sent
// its prepare to one other; whoever answers first restarts.
func coordinatorStruck(t testing.TB) *plan.Plan {
	t.Helper()
	p := mustPlan(t, plan.Options{
		Seed: "struck", Protocol: "gms5", Nodes: 4, Nemesis: []string{}, TimeLimit: 3 * time.Second,
		Timeout: 300 * time.Millisecond, Heartbeat: 50 * time.Millisecond,
	})
	p.Faults = []nemesis.Step{
		{ID: "away", Fault: "pause", Target: "n1", AtMicros: 500_000, ForMicros: 700_000},
		{
			ID: "struck", Fault: "pause", Target: nemesis.Sender, AtMicros: 500_000, ForMicros: 200_000,
			When: &nemesis.When{From: nemesis.Anyone, Frame: "prepare", Pass: []string{"n4"}},
		},
		{
			ID: "lost", Fault: "one-way", Groups: [][]string{{nemesis.Sender}, {nemesis.Missed}}, AtMicros: 500_000, ForMicros: 300_000,
			When: &nemesis.When{From: nemesis.Anyone, Frame: "prepare", Pass: []string{"n4"}},
		},
		{
			ID: "forgotten", Fault: "restart", Target: nemesis.Sender, AtMicros: 500_000,
			When: &nemesis.When{From: nemesis.Anyone, Frame: "promise", Pass: []string{nemesis.Receiver}},
		},
	}
	return p
}

// victims are what the history says of a step's beginning: the node or the links.
type victims struct {
	Node  string      `json:"node"`
	Links [][2]string `json:"links"`
}

func struck(t *testing.T, data []byte, id string) (v victims) {
	t.Helper()
	for _, e := range runtest.EventsOf(t, data) {
		if e.ID == id && e.Phase == history.FaultBegin {
			if err := json.Unmarshal(e.Value, &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("%s never began", id)
	return v
}

// Triggers hit who does a part of a round, which no plan can know: the coordinator,
// those that its message has not reached, and who answers. In virtual time it is the
// next in line that coordinates; on a busy machine it may be another.
func TestTriggersFindTheirSender(t *testing.T) {
	for _, world := range []string{run.WorldSim, run.WorldReal} {
		t.Run(world, func(t *testing.T) {
			p := coordinatorStruck(t)
			data := historyOf(t, world, p)
			coordinator := struck(t, data, "struck").Node
			if world == run.WorldSim && coordinator != "n2" || !slices.Contains(p.Nodes, coordinator) {
				t.Errorf("%q is struck", coordinator)
			}
			var missed [][2]string
			for _, n := range p.Nodes {
				if n != coordinator && n != "n4" {
					missed = append(missed, [2]string{coordinator, n})
				}
			}
			if diff := cmp.Diff(missed, struck(t, data, "lost").Links); diff != "" {
				t.Errorf("not what has missed the message: %s", diff)
			}
			if who := struck(t, data, "forgotten").Node; who == coordinator || !slices.Contains(p.Nodes, who) {
				t.Errorf("%q restarts, which has not answered %s", who, coordinator)
			}
		})
	}
}

// historyOf carries the plan out in one of the worlds.
func historyOf(t *testing.T, world string, p *plan.Plan) []byte {
	t.Helper()
	if world == run.WorldSim {
		return inSim(t, p)
	}
	job := runtest.JobFor(t, p)
	job.World = world
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(result.Folder.Path(store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A fault has met the round whose message it waited for.
func TestFaultsMeetRounds(t *testing.T) {
	trial, err := run.Try(context.Background(), coordinatorStruck(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fault string
		round plan.Round
		want  int
	}{{"pause", plan.RoundPrepare, 1}, {"one-way", plan.RoundPrepare, 1}, {"restart", plan.RoundPromise, 1}, {"restart", plan.RoundPrepare, 0}} {
		if got := trial.Judgement.Coverage[c.fault][string(c.round)]; got != c.want {
			t.Errorf("%s met %s %d times, want %d", c.fault, c.round, got, c.want)
		}
	}
}

// A view change whose messages nobody named is struck by position, and one that is
// named in every round.
func TestSiegesReachEveryRound(t *testing.T) {
	met := plan.Coverage{}
	for seed := range 40 {
		trial, err := run.Try(context.Background(), mustPlan(t, exploring(fmt.Sprint(seed), "rounds")))
		if err != nil {
			t.Fatal(err)
		}
		met.Merge(trial.Judgement.Coverage)
	}
	for _, round := range []plan.Round{plan.RoundPrepare, plan.RoundPromise, plan.RoundAccept, plan.RoundAccepted, plan.RoundCommit} {
		if n := sumOver(met, string(round)); n < 5 {
			t.Errorf("%s was met %d times in 40 runs", round, n)
		}
	}
	positions, sprung := 0, 0
	for seed := range 10 {
		o := exploring(fmt.Sprint(seed), "rounds")
		o.Config, o.NodeDoesOwn = string(mustPlan(t, o).Config), true
		o.Protocol = "one whose messages nobody named"
		p := mustPlan(t, o)
		trial, err := run.Try(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Faults {
			if f.When == nil {
				continue
			}
			positions++
			if slices.ContainsFunc(runtest.EventsOf(t, trial.History), func(e history.Event) bool { return e.ID == f.ID && e.Phase == history.FaultBegin }) {
				sprung++
			}
		}
	}
	if positions == 0 || 2*sprung < positions {
		t.Errorf("%d of %d triggers at a position sprang", sprung, positions)
	}
}

func sumOver(met plan.Coverage, moment string) (n int) {
	for _, by := range met {
		n += by[moment]
	}
	return n
}
