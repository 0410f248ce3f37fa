package workloads

import (
	"strconv"

	"groupy/node"
	"groupy/node/draw"
)

// Colour is the original's worker: every message changes the colour in a way
// that depends on the order, so that two workers that disagree on the order
// never show the same colour again.
var Colour = Workload{
	Name:        "colour",
	Sentence:    "workers that change their colour with every message; a joiner takes over the group's colour",
	App:         "colour",
	MustSucceed: []string{node.TypeMulticast},
	Op: func(k draw.Key, i int, op *Op) {
		multicastOp(k, i, op)
		op.Payload = strconv.AppendInt(nil, int64(1+k.With("change").Intn(255)), 10)
	},
}
