package history

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// scannable gives the line as it stands among others: with its newline, and with more
// behind it that must not be taken for a part of it.
func scannable(line []byte) []byte {
	return append(bytes.Clone(line), "\n\"}9,\":[{1,"[:1+pad]...)
}

// FuzzScan holds the scanner to the general decoder: what the scanner takes, the
// general way takes too and reads the same.
func FuzzScan(f *testing.F) {
	for _, line := range []string{
		`{"index":0,"time":12,"type":"deliver","member":"n1.1","msg":"m1","sender":"n2.1","view":"4","state":"#a0"}`,
		`{"time":-12,"index":7,"type":"view","member":"n1.1","view":"4","members":["n1.1","n2.1"]}`,
		`{"index":1,"type":"invoke","process":"c0","f":"multicast","value":"m1","node":"n1"}`,
		`{"index":1,"index":2,"type":"x","pid":12,"members":[],"members":["a"]}`,
		`{}`, `{"index":01}`, `{"index":-0}`, `{"index":-}`, `{"index":1,}`, `{"index":1}}`, `{"member":"\u0041"}`,
		`{"member":null}`, `{"members":["a",]}`, `{"members":[,]}`, `{"members":["a"`, `{"value":{"a":1}}`, `{"pid":1.5}`,
		`{"index":123456789012345678}`, `{"index":1234567890123456789}`, `{"member":"ä"}`, `{"index" :1}`, `{"":1}`, `{"`, `{"index":`,
		`{"index":12345678}`, `{"index":123456789}`, `{"index":1234567812345678}`, `{"index":12345678123456789}`, `{"index":1.5}`, `{"time":00000000}`,
		`{"value":[1,"a",null,true,false,{"a":[]},{}]}`, `{"value":[1,]}`, `{"value":{"a":}}`, `{"value":[}`, `{"value":-}`, `{"value":nul}`, `{"value":[[[[[[[[[[1]]]]]]]]]]}`,
		`{"value":1e5}`, `{"member":"a\u0000"}`, `{"memberr":"a"}`, "{\"\x00\":1}", "{\"f\x00\":\"a\"}", `{"processs":"a"}`, `{"member":"12345678"}`, `{"member":"1234567ü"}`, `{"type":"12345678abcdefgh","evidence":1}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.IndexByte(line, '\n') >= 0 {
			return // two lines
		}
		dec := decoder{interner: newInterner()}
		var fast, slow Event
		switch end := dec.scan(scannable(line), 0, &fast); end {
		case -1:
			return
		case len(line) + 1:
		default:
			t.Fatalf("the scanner ends at %d of %q", end, line)
		}
		if !utf8.Valid(line) || !json.Valid(line) {
			t.Fatalf("the scanner takes %q", line)
		}
		if problem, _, _ := dec.general(line, &slow); problem != "" {
			t.Fatalf("the scanner takes %q, the decoder says: %s", line, problem)
		}
		if diff := cmp.Diff(slow, fast); diff != "" {
			t.Fatalf("%q: decoder and scanner differ:\n%s", line, diff)
		}
	})
}

// TestScanTakes asks that the scanner takes what a Writer writes of every plain
// kind, so that speed is not lost unseen.
func TestScanTakes(t *testing.T) {
	for _, e := range []Event{
		{Type: Deliver, Member: "n1.1", Msg: "m1", Sender: "n2.1", View: "4", State: "#a0"},
		{Type: View, Member: "n1.1", View: "4", Members: []string{"n1.1", "n2.1"}},
		{Type: Invoke, Process: "c0", Node: "n1", F: "multicast", Value: []byte(`"m1"`)},
		{Type: Info, Process: "c0", Node: "n1", F: "multicast", Value: []byte(`"m1"`), Error: "timeout"},
		{Type: Start, Node: "n1", Member: "n1.1", PID: 12},
		{Type: OK, Process: "c0", F: "cas", Value: []byte(`{"key":"k1","from":null,"to":-12,"seen":[true,false,[],{}]}`)},
		{Type: Hash, Value: []byte(`"0123456789abcdef0123456789abcdef"`), Time: 1234567890123456},
	} {
		line, err := appendEvent(nil, &e)
		if err != nil {
			t.Fatal(err)
		}
		d := decoder{interner: newInterner()}
		var got Event
		if d.scan(scannable(line[:len(line)-1]), 0, &got) < 0 {
			t.Errorf("the scanner leaves %s to the decoder", line)
		} else if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
}
