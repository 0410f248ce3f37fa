package workloads

import "groupy/node"

// FIFOChain has clients that talk to themselves: each multicasts the next link of
// its chain when the last one was answered. One member sends several chains, and
// their links meet in the order of the group.
var FIFOChain = Workload{
	Name:        "fifo-chain",
	Sentence:    "each client multicasts a chain, every link after the last one was acknowledged; several chains on each node",
	App:         "none",
	MustSucceed: []string{node.TypeMulticast},
	MustFollow:  true,
	Op:          multicastOp,
	Link: func(ops []Op, _ []string) {
		last := map[int]string{}
		for i := range ops {
			ops[i].After = last[ops[i].Client]
			last[ops[i].Client] = ops[i].Message()
		}
	},
}

// Causal has clients that talk to each other: every second one answers, at another
// node, a message that it saw delivered there. Who delivers the answer before what
// it answers breaks causal order, which only some groups promise.
var Causal = Workload{
	Name:        "causal",
	Sentence:    "a client multicasts at another node once it saw a message delivered there; who delivers the answer first breaks causal order",
	App:         "none",
	MustSucceed: []string{node.TypeMulticast},
	MustFollow:  true,
	Op:          multicastOp,
	Link: func(ops []Op, nodes []string) {
		for i := range ops {
			if i%2 == 0 || len(nodes) < 2 {
				continue
			}
			asked := &ops[i-1]
			if asked.Node == ops[i].Node {
				continue // nothing to see: a node's own messages are in order already
			}
			ops[i].After, ops[i].Seen = asked.Message(), true
			ops[i].AtMicros = asked.AtMicros // the answer is as quick as the delivery
		}
	},
}
