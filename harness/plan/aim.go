package plan

import (
	"slices"

	"groupy/nemesis"
	"groupy/workloads"
)

// aim gives every trigger that waits for no message in particular one of the
// plan's multicasts, and takes the operations away that would be less than quiet
// microseconds from it: what is in flight when the trigger springs is then this
// message alone, and what the run shows is the fault's doing and not luck's.
//
// The message is one of sender's, if there is one: of a member far down the
// list, so that its call is still open when the group goes on without its
// leader. A trigger for which no multicast is left waits in vain, and the run
// says so.
func aim(steps []nemesis.Step, ops []workloads.Op, sender string, quiet int64) []workloads.Op {
	for i := range steps {
		s := &steps[i]
		if s.When == nil || s.When.Frame != "" || s.When.Calls > 0 {
			continue
		}
		fits := func(op workloads.Op) bool {
			return op.Message() != "" && op.AtMicros >= s.AtMicros+quiet
		}
		target := slices.IndexFunc(ops, func(op workloads.Op) bool { return fits(op) && op.Node == sender })
		if target < 0 {
			target = slices.IndexFunc(ops, fits)
		}
		if target < 0 {
			continue
		}
		op := ops[target]
		s.When.Frame = op.Message()
		s.AtMicros = op.AtMicros - quiet/2
		ops = slices.Concat(
			slices.DeleteFunc(slices.Clone(ops[:target]), func(o workloads.Op) bool { return o.AtMicros > op.AtMicros-quiet }),
			[]workloads.Op{op},
			slices.DeleteFunc(slices.Clone(ops[target+1:]), func(o workloads.Op) bool { return o.AtMicros < op.AtMicros+quiet }),
		)
	}
	return ops
}
