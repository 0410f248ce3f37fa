package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/internal/loop"
	"groupy/harness/internal/proving"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/system"
	"groupy/nemesis"
	"groupy/node/draw"
	"groupy/workloads"
)

// The most important promise: the same plan gives the same history, byte for
// byte, in sim and in lockstep, on any number of cores. All levels, all faults.
func TestTheVirtualWorldsAgree(t *testing.T) {
	plans := 30
	if os.Getenv("GROUPY_LONG") != "" {
		plans = 1000
	}
	if n, err := strconv.Atoi(os.Getenv("GROUPY_PLANS")); err == nil {
		plans = n
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var events int
	for i := range plans {
		p := variedPlan(t, i)
		t.Run(fmt.Sprintf("%03d-%s", i, p.Name), func(t *testing.T) {
			runtime.GOMAXPROCS(1)
			once := inSim(t, p)
			runtime.GOMAXPROCS(2)
			same(t, "sim with one core and with two", once, inSim(t, p))
			cores := 1 + i%2
			runtime.GOMAXPROCS(cores)
			t.Setenv("GOMAXPROCS", strconv.Itoa(cores)) // the nodes'
			t.Setenv("GORACE", "halt_on_error=1")       // a node with a race dies of it, and the worlds part
			same(t, "sim and lockstep", once, inLockstep(t, p))
			events += bytes.Count(once, []byte{'\n'})
		})
	}
	t.Logf("%d plans, %d lines of history in each world", plans, events)
}

// variedPlan is one of a fixed sequence of plans that differ in all that a plan
// can: level, workload, size, load, and which faults there are.
func variedPlan(t testing.TB, i int) *plan.Plan {
	t.Helper()
	k := draw.New("worlds").At(uint64(i))
	o := plan.Options{
		Seed:        fmt.Sprint("worlds-", i),
		Protocol:    system.Levels[i%len(system.Levels)].Name,
		Workload:    workloads.All[k.With("workload").Intn(len(workloads.All))].Name,
		Nodes:       2 + k.With("nodes").Intn(5),
		ClientsEach: 1 + k.With("clients").Intn(4),
		Rate:        k.With("rate").LogBetween(10, 200),
		TimeLimit:   time.Duration(k.With("main").Between(1, 4) * float64(time.Second)),
		Heartbeat:   50 * time.Millisecond,
		Timeout:     300 * time.Millisecond,
		History:     k.With("history").Intn(2) * 20,
	}
	switch i / len(system.Levels) % 3 {
	case 0: // what the level is to survive
	case 1:
		o.Nemesis = []string{"all"}
	case 2: // each fault gets its turns with each level
		turn := i / (3 * len(system.Levels))
		o.Nemesis = []string{nemesis.Faults[turn%len(nemesis.Faults)].Name, nemesis.Faults[(7*turn+i)%len(nemesis.Faults)].Name}
		slices.Sort(o.Nemesis)
		o.Nemesis = slices.Compact(o.Nemesis)
	}
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func inSim(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	return historyIn(t, p, proving.OpenSim(t, p))
}

func inLockstep(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	return historyIn(t, p, proving.OpenLockstep(t, p))
}

// historyIn carries the plan out in the world and gives the history's bytes.
func historyIn(t testing.TB, p *plan.Plan, w world.World) []byte {
	t.Helper()
	var out bytes.Buffer
	_, err := loop.Run(context.Background(), p, w, run.Job{Plan: p}.OpenHistory(&out, w.Kind()), nil, hclog.NewNullLogger(), nil)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func same(t testing.TB, what string, a, b []byte) {
	t.Helper()
	d, err := replay.Compare(bytes.NewReader(a), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		t.Fatalf("%s part: %v", what, d)
	}
}
