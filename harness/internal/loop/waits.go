package loop

import (
	"groupy/checker/history"
	"groupy/workloads"
)

// waits is which planned operations wait for which others, and what has become of
// those that are waited for.
type waits struct {
	ended   map[string]bool          // by message that is waited for: its operation was answered, or will never be asked
	seen    map[sight]bool           // by delivery that is waited for: it has been
	waiting map[sight][]workloads.Op // what is to be asked then
}

// sight is a message at a node that delivers it; without a node, its answer.
type sight struct{ msg, node string }

// awaited is what an operation waits for.
func awaited(op workloads.Op) sight {
	if op.Seen {
		return sight{op.After, op.Node}
	}
	return sight{msg: op.After}
}

// plan notes what is waited for. What the plan lacks is not: it may have been
// shrunk.
func (w *waits) plan(ops []workloads.Op) {
	w.ended, w.seen, w.waiting = map[string]bool{}, map[sight]bool{}, map[sight][]workloads.Op{}
	there := map[string]bool{"": true}
	for _, op := range ops {
		there[op.Message()] = true
	}
	for _, op := range ops {
		switch at := awaited(op); {
		case op.After == "":
		case op.Seen:
			w.seen[at] = !there[op.After]
		default:
			w.ended[op.After] = !there[op.After]
		}
	}
}

// dueOp is a planned operation's time: it is asked, or waits for another from now
// on.
func (r *runner) dueOp(op workloads.Op) {
	if r.phase != history.PhaseMain {
		return
	}
	at := awaited(op)
	if op.After != "" && !r.waits.seen[at] && (op.Seen || !r.waits.ended[op.After]) {
		r.waits.waiting[at] = append(r.waits.waiting[at], op)
		return
	}
	if asked := r.operate(op, func() { r.endedOp(op) }); !asked {
		r.endedOp(op) // the chain goes on with the next
	}
}

// endedOp goes on with those that waited for an operation's end.
func (r *runner) endedOp(op workloads.Op) {
	id := op.Message()
	if before, awaited := r.waits.ended[id]; awaited && !before {
		r.waits.ended[id] = true
		r.goOn(sight{msg: id})
	}
}

// sawDelivery goes on with those that waited to see a message at a node.
func (r *runner) sawDelivery(msg, node string) {
	at := sight{msg, node}
	if before, awaited := r.waits.seen[at]; awaited && !before {
		r.waits.seen[at] = true
		r.goOn(at)
	}
}

func (r *runner) goOn(at sight) {
	ready := r.waits.waiting[at]
	delete(r.waits.waiting, at)
	for _, op := range ready {
		r.dueOp(op)
	}
}
