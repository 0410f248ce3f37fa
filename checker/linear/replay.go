package linear

// Replay carries out operations of many keys in a given order, of which each is an
// index into ops, and tells for each key whether that explains all its answers: if
// so, the order is the proof that the key is linearizable. If not, another order
// may be. An operation that is not in the order did nothing; one that must have
// taken effect leaves its key unproven. Linear in the number of operations.
func Replay(ops []Op, order []int32, keys int) (proven []bool) {
	type register struct {
		value   int32
		called  int64 // the latest call of those carried out
		missing int   // operations that took effect and are not carried out yet
		wrong   bool
	}
	state := make([]register, keys)
	for i := range ops {
		if !ops[i].Maybe {
			state[ops[i].Key].missing++
		}
	}
	for _, i := range order {
		op := &ops[i]
		r := &state[op.Key]
		if op.Maybe && (op.Kind == Read || op.Kind == CAS && r.value != op.From) {
			continue // did nothing that anybody saw
		}
		if source, must := op.source(); must && r.value != source || op.Return < r.called {
			r.wrong = true
		}
		if !op.Maybe {
			r.missing--
		}
		if op.Kind != Read {
			r.value = op.Value
		}
		r.called = max(r.called, op.Call)
	}
	proven = make([]bool, keys)
	for k := range state {
		proven[k] = !state[k].wrong && state[k].missing == 0
	}
	return proven
}
