package linear

import (
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// Progress is how far a search has got: the operations that its longest order so
// far explains. It may be read while the search goes on.
type Progress struct{ longest atomic.Int64 }

// Longest is a number of operations.
func (p *Progress) Longest() int { return int(p.longest.Load()) }

// path is a state of a search and the number of operations that led to it.
type path struct {
	state any
	depth int64
}

// model is the object as porcupine has it. An operation of unknown outcome returns
// at the end of time.
func (p *Problem) model(progress *Progress) porcupine.Model {
	m := p.Object.machine(&p.Values)
	return porcupine.Model{
		Init: func() any { return path{state: m.init} },
		Step: func(state, input, _ any) (bool, any) {
			at := state.(path)
			next, ok := m.step(at.state, input.(*Op))
			if ok && at.depth >= progress.longest.Load() {
				progress.longest.Store(at.depth + 1) // one search has one goroutine
			}
			return ok, path{next, at.depth + 1}
		},
		Equal: func(a, b any) bool { return m.equal(a.(path).state, b.(path).state) },
		Hash:  func(state any) uint64 { return m.hash(state.(path).state) },
	}
}

// operations gives them as porcupine has them, with the index of each in p.Ops.
func (p *Problem) operations() (list []porcupine.Operation) {
	for i := range p.Ops {
		op := &p.Ops[i]
		if op.Maybe && op.Kind == Read {
			continue
		}
		list = append(list, porcupine.Operation{Input: op, Call: op.Call, Return: op.Return})
	}
	return list
}

// Search tries the orders of the operations until one fits or none is left
// (porcupine's algorithm: Lowe, "Testing for Linearizability", 2017), for the given
// time at most. Its memory grows with time and with the number of operations, so
// the caller bounds both: package watched does.
func (p *Problem) Search(limit time.Duration, progress *Progress) Outcome {
	switch porcupine.CheckOperationsTimeout(p.model(progress), p.operations(), limit) {
	case porcupine.Ok:
		return Legal
	case porcupine.Illegal:
		return Illegal
	}
	return Undecided
}
