package harness

import (
	"os"
	"sync"
	"testing"

	"groupy/harness/world"
	"groupy/nemesis"
	"groupy/nemesis/nemesistest"
)

// Every fault keeps its contract on real processes and real sockets, and in both
// virtual worlds: injected, it shows; undone, it is gone; left out, nothing.
func TestEveryFaultKeepsItsContractInEveryWorld(t *testing.T) {
	program(t) // built before a clock runs
	for _, in := range []struct {
		name string
		open func(t testing.TB, p *Plan) world.World
		long bool // only in the long test
	}{
		{WorldReal, openReal, false},
		{WorldLockstep, func(t testing.TB, p *Plan) world.World { return openLockstep(t, p) }, true},
		{WorldSim, func(t testing.TB, p *Plan) world.World { return openSim(t, p) }, false},
	} {
		if in.long && os.Getenv("GROUPY_LONG") == "" {
			continue
		}
		t.Run(in.name, func(t *testing.T) {
			// Side by side beyond the number of cores: most of the time is waiting.
			var all sync.WaitGroup
			turn := make(chan struct{}, 6)
			for _, f := range nemesis.Faults {
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
func keepsItsContract(t *testing.T, f nemesis.Fault, open func(testing.TB, *Plan) world.World) {
	create := sync.OnceValue(func() nemesistest.World { return newStage(t, stageOptions(5), open) })
	nemesistest.Contract(t, f, func(*testing.T) nemesistest.World { return create() })
}
