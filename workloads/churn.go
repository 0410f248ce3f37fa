package workloads

import "groupy/node"

// Churn is traffic in a group that never keeps its members for long. Who comes and
// goes is a matter of faults; they are part of the workload here, on top of those
// that the run asks for.
var Churn = Workload{
	Name:        "churn",
	Sentence:    "members leave, join again, and restart several at a time, while clients multicast",
	App:         "colour", // each joiner takes the state over
	MustSucceed: []string{node.TypeMulticast, node.TypeJoin, node.TypeLeave},
	Nemesis:     []string{"leave", "restart", "join-storm"},
	Op:          Colour.Op,
}
