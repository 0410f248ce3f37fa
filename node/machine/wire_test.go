package machine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/node"
	"groupy/node/gms/protocols"
)

// someMessages gives what two machines say to each other while one creates a
// group, the other joins it, and the first multicasts: that last. The wire is
// the first one's.
func someMessages(t testing.TB, protocol string) (Wire, []Send) {
	t.Helper()
	var wires []Wire
	var sends []Send
	machines := map[string]*Machine{}
	for i, name := range []string{"n1", "n2"} {
		m, err := NewMachine(node.Init{
			NodeID: name, Incarnation: 1, NodeIDs: []string{"n1", "n2"},
			Config: json.RawMessage(`{"protocol":"` + protocol + `"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		machines[name] = m
		wires = append(wires, m.Wire())
		join := []string{`{"contacts":[]}`, `{"contacts":["n1"]}`}[i]
		sends = append(sends, exchange(machines, name, ask("join", 1, join))...)
	}
	sends = append(sends, exchange(machines, "n1", ask("multicast", 2, `{"msg":"m<&>1","payload":{"a":"ä\"<"}}`))...)
	if len(sends) == 0 {
		t.Fatal("nothing was sent")
	}
	return wires[0], sends
}

// exchange gives one machine an input and carries messages until none is left.
func exchange(machines map[string]*Machine, to string, in Input) (sends []Send) {
	type item struct {
		to string
		in Input
	}
	for todo := []item{{to, in}}; len(todo) > 0; todo = todo[1:] {
		from := machines[todo[0].to].Member()
		for _, o := range machines[todo[0].to].Step(0, todo[0].in) {
			if s, ok := o.(Send); ok {
				sends = append(sends, s)
				name, _ := node.SplitMember(s.To)
				todo = append(todo, item{name, Peer{From: from, To: s.To, Message: s.Message}})
			}
		}
	}
	return sends
}

func TestWhatTheWireWritesItReads(t *testing.T) {
	for _, p := range protocols.All {
		w, sends := someMessages(t, p.Name)
		for _, s := range sends {
			raw, err := w.Append(nil, s)
			if err != nil {
				t.Fatal(err)
			}
			e, h, err := node.Parse(raw) // it is an envelope of the contract
			if err != nil || h.Type != "gms" || e.Src != "n1" {
				t.Errorf("%s: %s: %v", p.Name, raw, err)
			}
			whole, err := w.Parse(raw)
			body, err2 := w.ParseBody(e.Body)
			if err != nil || err2 != nil {
				t.Fatalf("%s: %s: %v, %v", p.Name, raw, err, err2)
			}
			want := Peer{From: "n1.1", To: s.To, Message: s.Message}
			if d := cmp.Diff(want, whole); d != "" {
				t.Errorf("%s: %s", p.Name, d)
			}
			if d := cmp.Diff(want, body); d != "" {
				t.Errorf("%s: %s", p.Name, d)
			}
		}
	}
}

func TestTheWireRefusesWhatIsNoMessage(t *testing.T) {
	w, _ := someMessages(t, protocols.All[0].Name)
	for _, raw := range []string{
		``, `x`, `[]`, `{}`, `{"body":7}`, `{"body":{"type":"seq","from":"n1.1","to":"n2.1","m":{}}}`,
		`{"body":{"type":"gms","to":"n2.1","m":{}}}`, `{"body":{"type":"gms","from":"n1.1","m":{}}}`,
		`{"body":{"type":"gms","from":"n1.1","to":"n2.1"}}`, `{"body":{"type":"gms","from":"n1.1","to":"n2.1","m":7}}`,
	} {
		if p, err := w.Parse([]byte(raw)); err == nil {
			t.Errorf("%s is read as %+v", raw, p)
		}
	}
}

func BenchmarkWire(b *testing.B) {
	w, sends := someMessages(b, protocols.All[0].Name)
	s := sends[len(sends)-1]
	raw, err := w.Append(nil, s)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf, _ = w.Append(buf[:0], s)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = w.Parse(raw)
		}
	})
}
