package linear

// Replay carries out operations of many keys in a given order, of which each is an
// index into ops, and tells for each key whether that explains all its answers: if
// so, the order is the proof that the key is linearizable. If not, another order
// may be. values has an entry for each key. An operation that is not in the order
// did nothing; one that must have taken effect leaves its key unproven. Linear in
// the number of operations, save for sets, logs and texts, whose states grow.
func Replay(o Object, values []Values, ops []Op, order []int32) (proven []bool) {
	type replica struct {
		machine
		state   any
		called  int64 // the latest call of those carried out
		missing int   // operations that took effect and are not carried out yet
		wrong   bool
	}
	replicas := make([]replica, len(values))
	for k := range replicas {
		m := o.machine(&values[k])
		replicas[k] = replica{machine: m, state: m.init}
	}
	for i := range ops {
		if !ops[i].Maybe {
			replicas[ops[i].Key].missing++
		}
	}
	for _, i := range order {
		op := &ops[i]
		r := &replicas[op.Key]
		if op.Maybe && op.Kind == Read || r.wrong {
			continue // nobody saw anything of it; or it does not matter any more
		}
		next, explained := r.step(r.state, op)
		if op.Maybe && explained && r.equal(r.state, next) {
			continue // did nothing
		}
		r.wrong = !explained || op.Return < r.called
		if !op.Maybe {
			r.missing--
		}
		r.state, r.called = next, max(r.called, op.Call)
	}
	proven = make([]bool, len(replicas))
	for k := range replicas {
		proven[k] = !replicas[k].wrong && replicas[k].missing == 0
	}
	return proven
}
