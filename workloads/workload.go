package workloads

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"groupy/node/contract"
	"groupy/node/draw"
)

// Op is one operation of a plan.
type Op struct {
	AtMicros int64           `json:"at_us"`  // after the main phase began
	Client   int             `json:"client"` // whose turn it is; a client has one open call at most
	Node     string          `json:"node"`   // who is asked
	F        string          `json:"f"`      // multicast, read, write, cas
	Value    json.RawMessage `json:"value"`  // as docs/history.md has it, by F
	Payload  json.RawMessage `json:"payload,omitempty"`
	Msg      string          `json:"msg,omitempty"` // of read, write and cas: the id of the multicast that carries it

	// After is the id of an earlier operation's message. The operation waits, beyond
	// its time if need be, until that one has been answered in whatever way or, with
	// Seen, until Node has delivered its message. One that the plan lacks is not
	// waited for.
	After string `json:"after,omitempty"`
	Seen  bool   `json:"seen,omitempty"`
}

// Load says how much a workload is to do.
type Load struct {
	Nodes        []string
	ClientsEach  int     // clients per node
	OpsPerSecond float64 // over all clients
	Micros       int64   // length of the main phase
}

// Workload is one way to use a group.
type Workload struct {
	Name     string
	Sentence string
	// App is what must run on top of the group, by its name in the node's config.
	App string
	// Promises are the properties that the answers owe beside those of the protocol,
	// on a protocol that promises total order and agreement.
	Promises []string
	// Op draws the i-th operation; At, Client and Node are already set. Those of the
	// bootstrap are numbered -1, -2, ….
	Op func(k draw.Key, i int, op *Op)
	// Link, if not nil, says which operations wait for which (Op.After), once all are
	// drawn. It may move an operation to another time.
	Link func(ops []Op, nodes []string)
	// Nemesis are the faults that belong to the workload, by name, whatever others the
	// run asks for.
	Nemesis []string
	// MustSucceed are the operation kinds of which a run needs one that took
	// effect.
	MustSucceed []string
	// MustFollow is set where a run needs an operation that was asked after what it
	// had waited for.
	MustFollow bool
}

// All is the visible list: adding a workload is one file and one line.
var All = []Workload{Multicast, Colour, Register, Map, FIFOChain, Causal, Churn}

// Find gives the workload of that name. The error lists the names there are.
func Find(name string) (Workload, error) {
	var names []string
	for _, w := range All {
		if w.Name == name {
			return w, nil
		}
		names = append(names, w.Name)
	}
	return Workload{}, fmt.Errorf("no workload %q;%s there are %s", name, contract.DidYouMean(name, names), strings.Join(names, ", "))
}

// Plan draws the operations of a run, in order of time. Each operation's time,
// client and content depend on its own number alone, and what it waits for on its
// neighbours.
func (w Workload) Plan(k draw.Key, l Load) []Op {
	clients := l.ClientsEach * len(l.Nodes)
	n := int(l.OpsPerSecond * float64(l.Micros) / 1e6)
	if clients == 0 || n <= 0 {
		return nil
	}
	ops := make([]Op, n)
	slot := float64(l.Micros) / float64(n)
	for i := range ops {
		ki := k.With("op").At(uint64(i))
		client := ki.With("client").Intn(clients)
		ops[i] = Op{
			AtMicros: int64((float64(i) + ki.With("at").Float()) * slot),
			Client:   client,
			Node:     l.Nodes[client%len(l.Nodes)],
		}
		w.Op(ki, i, &ops[i])
	}
	if w.Link != nil {
		w.Link(ops, l.Nodes)
		slices.SortStableFunc(ops, func(a, b Op) int { return cmp.Compare(a.AtMicros, b.AtMicros) })
	}
	return ops
}
