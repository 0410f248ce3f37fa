package workloads

import (
	"strconv"

	"groupy/node"
	"groupy/node/draw"
)

// Multicast has concurrent clients multicast messages with unique ids.
var Multicast = Workload{
	Name:        "multicast",
	Sentence:    "concurrent clients multicast messages with unique ids",
	App:         "none",
	MustSucceed: []string{node.TypeMulticast},
	Op:          multicastOp,
}

func multicastOp(_ draw.Key, i int, op *Op) {
	op.F = node.TypeMulticast
	op.Value = strconv.AppendQuote(nil, MessageID(i))
}

// MessageID is the id of the i-th planned multicast.
func MessageID(i int) string { return "m" + strconv.Itoa(i+1) }
