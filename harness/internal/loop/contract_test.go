package loop

import (
	"os"
	"slices"
	"sync"
	"testing"

	"groupy/harness/internal/proving"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/nemesis"
	"groupy/nemesis/nemesistest"
)

// Every fault keeps its contract on real processes and real sockets, on the wire,
// and in both virtual worlds: injected, it shows; undone, it is gone; left out, nothing.
func TestEveryFaultKeepsItsContractInEveryWorld(t *testing.T) {
	proving.Program(t) // built before a clock runs
	for _, in := range []struct {
		name string
		open func(t testing.TB, p *plan.Plan) world.World
		some []string // the faults outside the long test; nil: all
	}{
		{"real", proving.OpenReal, nil},
		// What its links do to packets, and what TCP makes of it; and whom a kill and a
		// freeze reach on a machine of its own.
		{"wire", proving.OpenWire, []string{"one-way", "drop", "duplicate", "reorder", "delay", "throttle", "reset", "kill", "pause", "leave"}},
		// Its links are those of sim; what is done to processes is its own.
		{"lockstep", func(t testing.TB, p *plan.Plan) world.World { return proving.OpenLockstep(t, p) }, []string{"kill", "pause"}},
		{"sim", func(t testing.TB, p *plan.Plan) world.World { return proving.OpenSim(t, p) }, nil},
	} {
		t.Run(in.name, func(t *testing.T) {
			// Side by side beyond the number of cores: most of the time is waiting.
			var all sync.WaitGroup
			turn := make(chan struct{}, 6)
			for _, f := range nemesis.Faults {
				if f.Disk && in.name == "real" {
					continue // its disks are plain
				}
				if in.some != nil && os.Getenv("GROUPY_LONG") == "" && !slices.Contains(in.some, f.Name) {
					continue
				}
				all.Go(func() {
					turn <- struct{}{}
					defer func() { <-turn }()
					t.Run(f.Name, func(t *testing.T) { keepsItsContract(t, f, in.open) })
				})
			}
			all.Wait()
		})
	}
}

// keepsItsContract makes one group for both halves of the contract: the first
// leaves it as it was.
func keepsItsContract(t *testing.T, f nemesis.Fault, open func(testing.TB, *plan.Plan) world.World) {
	o := stageOptions(5)
	o.Durable = f.Keeps
	if f.Disk {
		o.Disk = "faulty"
	}
	create := sync.OnceValue(func() nemesistest.World { return newStage(t, o, open) })
	nemesistest.Contract(t, f, func(*testing.T) nemesistest.World { return create() })
}
