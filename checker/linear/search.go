package linear

import (
	"time"

	"github.com/anishathalye/porcupine"
)

// model is one register, as its value. An operation of unknown outcome returns at
// the end of time: to come last there is to have done nothing.
var model = porcupine.Model{
	Init: func() any { return Nil },
	Step: func(state, input, _ any) (bool, any) {
		op := input.(*Op)
		held := state.(int32)
		if source, must := op.source(); must && held != source {
			return false, held
		}
		if op.Kind == Read || op.Kind == CAS && held != op.From {
			return true, held
		}
		return true, op.Value
	},
	Equal: func(a, b any) bool { return a.(int32) == b.(int32) },
}

// Search tries the orders of one key's operations until one fits or none is left
// (porcupine's algorithm: Lowe, "Testing for Linearizability", 2017), for the given
// time at most. Undecided tells how many operations the longest order found so far
// explains. Its memory grows with time and with the number of operations, so the
// caller bounds both.
func Search(ops []Op, limit time.Duration) (outcome Outcome, explained int) {
	list := make([]porcupine.Operation, 0, len(ops))
	for i := range ops {
		op := &ops[i]
		if op.Maybe && op.Kind == Read {
			continue
		}
		list = append(list, porcupine.Operation{Input: op, Call: op.Call, Return: op.Return})
	}
	result, info := porcupine.CheckOperationsVerbose(model, list, limit)
	switch result {
	case porcupine.Ok:
		return Legal, len(list)
	case porcupine.Illegal:
		return Illegal, 0
	}
	for _, partition := range info.PartialLinearizations() {
		for _, order := range partition {
			explained = max(explained, len(order))
		}
	}
	return Undecided, explained
}
