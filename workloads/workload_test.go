package workloads

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/node"
	"groupy/node/draw"
)

// TestPlansDrawEachOperationByItself: the same seed gives the same plan, in order
// of time, whose operations the contract can express.
func TestPlansDrawEachOperationByItself(t *testing.T) {
	load := Load{Nodes: []string{"n1", "n2", "n3"}, ClientsEach: 2, OpsPerSecond: 100, Micros: 10_000_000}
	for _, w := range All {
		ops := w.Plan(draw.New("seed"), load)
		if len(ops) != 1000 {
			t.Fatalf("%s: %d operations, want 1000", w.Name, len(ops))
		}
		if diff := cmp.Diff(ops, w.Plan(draw.New("seed"), load)); diff != "" {
			t.Errorf("%s: the same seed gives another plan:\n%s", w.Name, diff)
		}
		names := map[string]bool{}
		for i, op := range ops {
			if i > 0 && op.AtMicros < ops[i-1].AtMicros {
				t.Errorf("%s: operation %d is before the one before it", w.Name, i)
			}
			if _, err := Request(op, 1); err != nil {
				t.Errorf("%s: %v", w.Name, err)
			}
			if names[op.Message()] || op.Message() == "" {
				t.Errorf("%s: operation %d has the message %q", w.Name, i, op.Message())
			}
			names[op.Message()] = true
		}
	}
}

// TestRegistersTellWhoWrote: every value is written once, those of the bootstrap
// included, and one cas in four finds what it hopes for.
func TestRegistersTellWhoWrote(t *testing.T) {
	for _, w := range []Workload{Register, Map} {
		written := map[string]bool{}
		held := map[string]string{}
		kinds := map[string]int{}
		lucky := 0
		for n := range 5000 {
			i := n
			if n%10 == 0 {
				i = -1 - n/10
			}
			var op Op
			w.Op(draw.New("seed").At(uint64(n)), i, &op)
			var v struct {
				Key             string
				Value, From, To json.RawMessage
			}
			if err := json.Unmarshal(op.Value, &v); err != nil {
				t.Fatal(err)
			}
			kinds[op.F]++
			value := string(v.Value) + string(v.To)
			if op.F == node.TypeRead {
				continue
			}
			if written[value] {
				t.Fatalf("%s: %s is written twice", w.Name, value)
			}
			written[value] = true
			if op.F == node.TypeCAS && held[v.Key] != string(v.From) {
				continue
			}
			if op.F == node.TypeCAS {
				lucky++
			}
			held[v.Key] = value
		}
		t.Log(w.Name, kinds, lucky)
		if lucky < kinds[node.TypeCAS]/6 {
			t.Errorf("%s: only %d of %d cas find what they hope for", w.Name, lucky, kinds[node.TypeCAS])
		}
	}
}

func TestRequestRefusesWhatDoesNotFit(t *testing.T) {
	for _, op := range []Op{
		{F: "multicast", Value: json.RawMessage(`7`)},
		{F: "read", Value: json.RawMessage(`"k"`)},
		{F: "write", Value: json.RawMessage(`{"key":"k"}`)},
		{F: "cas", Value: json.RawMessage(`{"key":"k","from":1}`)},
		{F: "append", Value: json.RawMessage(`{"key":"k","value":1}`)},
	} {
		if _, err := Request(op, 1); err == nil || !strings.Contains(err.Error(), op.F) {
			t.Errorf("%s %s: %v", op.F, op.Value, err)
		}
	}
}
