package workloads

import (
	"encoding/json"
	"strconv"

	"groupy/node"
	"groupy/node/draw"
)

// Register has clients read, write and compare-and-set very few keys, so that
// operations on the same key are often under way together.
var Register = Workload{
	Name:        "register",
	Sentence:    "clients read, write and compare-and-set two registers; the answers must fit one order",
	App:         "map",
	Promises:    []string{"linearizability"},
	MustSucceed: []string{node.TypeRead, node.TypeWrite, node.TypeCAS},
	Op:          func(k draw.Key, i int, op *Op) { registerOp(k, i, 2, op) },
}

// Map is the same over many keys, so that a joiner has something to copy.
var Map = Workload{
	Name:        "map",
	Sentence:    "clients read, write and compare-and-set the 32 keys of a map; the answers must fit one order for each key",
	App:         "map",
	Promises:    []string{"linearizability"},
	MustSucceed: []string{node.TypeRead, node.TypeWrite, node.TypeCAS},
	Op:          func(k draw.Key, i int, op *Op) { registerOp(k, i, 32, op) },
}

// registerOp draws a read, write or cas of one of the keys, which come in turn.
// What an operation writes is a function of its number, different for each, so
// that a value read tells who wrote it. A cas hopes to find what one of the last
// two operations on its key would have written; one in four does.
func registerOp(k draw.Key, i, keys int, op *Op) {
	op.Msg = MessageID(i)
	v := keyed{Key: "k" + strconv.Itoa((i%keys+keys)%keys+1)}
	from := i - keys*(1+k.With("from").Intn(2))
	if i < 0 { // the operations before the main phase count backwards
		from = 2*i - from
	}
	switch x := k.With("f").Float(); {
	case x < 0.45:
		op.F = node.TypeRead
		op.Value = encode(keyedValue{keyed: v})
	case x < 0.75 || (from < 0) != (i < 0):
		op.F = node.TypeWrite
		op.Value = encode(keyedValue{v, written(i)})
	default:
		op.F = node.TypeCAS
		op.Value = encode(keyedSwap{v, written(from), written(i)})
	}
}

// written is what the i-th operation writes.
func written(i int) json.RawMessage { return strconv.AppendInt(nil, int64(i)+1, 10) }

// The values of read, write and cas as docs/history.md has them.
type (
	keyed struct {
		Key string `json:"key"`
	}
	keyedValue struct {
		keyed
		Value json.RawMessage `json:"value"`
	}
	keyedSwap struct {
		keyed
		From json.RawMessage `json:"from"`
		To   json.RawMessage `json:"to"`
	}
)

func encode(v any) json.RawMessage {
	raw, err := node.Encode(v)
	if err != nil {
		panic("workloads: an operation that JSON cannot express: " + err.Error()) // numbers and our own keys
	}
	return raw
}
