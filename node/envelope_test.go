package node_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node"
)

// What Line writes is what encoding/json would, and Parse reads it back.
func TestLinesAreOrdinaryJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, dest := rapid.String().Draw(t, "src"), rapid.StringMatching(`[nc][0-9]`).Draw(t, "dest")
		var now *int64
		if rapid.Bool().Draw(t, "virtual") {
			n := rapid.Int64().Draw(t, "now")
			now = &n
		}
		body := node.Multicast{
			Head: node.Head{Type: node.TypeMulticast, MsgID: rapid.Int64Min(1).Draw(t, "id")},
			Msg:  rapid.String().Draw(t, "msg"),
		}
		line, err := node.Line(src, dest, now, body)
		if err != nil {
			t.Fatal(err)
		}
		e, h, err := node.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		var want node.Envelope
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(want, e); diff != "" || h != body.Head {
			t.Fatalf("%s: head %+v, envelope %s", line, h, diff)
		}
		if again := string(node.Forward(e.Src, e.Dest, e.Now, e.Body)); again != string(line) {
			t.Fatalf("%s is forwarded as %s", line, again)
		}
	})
}

// Lines that begin as Line writes them and go on otherwise are read no
// differently from any JSON.
func TestParseTakesNothingOnTrust(t *testing.T) {
	for _, line := range []string{
		`{"src":"n1","dest":"n2","body":{"type":"x"},"now":5}`,
		`{"src":"n1","dest":"n2","body":{"type":"x"},"body":{"type":"y"}}`,
		`{"src":"n1","dest":"n2","now":5,"body":{"type":"x"}}`,
		`{"src":"n1","dest":"n2","now":05,"body":{"type":"x"}}`,
		`{"src":"n1","dest":"n2","now":-0,"body":{"type":"x"}}`,
		`{"src":"n1","dest":"n2","now":5e3,"body":{"type":"x"}}`,
		`{"src":"n1","dest":"n2","now":null,"body":{"type":"x"}}`,
		`{"src":"n\u0031","dest":"n2","body":{"type":"x"}}`,
		`{"src":"n1","dest":"ñ","body":{"type":"x"}}`,
		`{"src":"n1","dest":"n2","body":{"type":"x"}} `,
		`{"src":"n1","dest":"n2","body": {"type":"x","msg_id":7} }`,
		`{"src":"n1","dest":"n2","body":{"type":"x"}}}`,
		`{"src":"n1","dest":"n2","body":{"type":"x"`,
		`{"src":"n1","dest":"n2","body":{}}`,
		`{"src":"n1","dest":"n2","body":}`,
		`{"src":"n1","dest":"n2"}`,
	} {
		var want node.Envelope
		var head node.Head
		err := json.Unmarshal([]byte(line), &want)
		good := err == nil && json.Unmarshal(want.Body, &head) == nil && head.Type != ""
		e, h, err := node.Parse([]byte(line))
		if (err == nil) != good {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if good && (e.Src != want.Src || e.Dest != want.Dest || h != head || !cmp.Equal(e.Now, want.Now) || !sameJSON(e.Body, want.Body)) {
			t.Errorf("%s is read as %+v, head %+v", line, e, h)
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && cmp.Equal(x, y)
}
