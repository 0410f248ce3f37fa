package history

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

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
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		fast, slow := Reader{dec: decoder{newInterner()}}, Reader{dec: decoder{newInterner()}}
		if !fast.dec.scan(line, &fast.event) {
			return
		}
		if !utf8.Valid(line) || !json.Valid(line) {
			t.Fatalf("the scanner takes %q", line)
		}
		if problem, _, _ := slow.decode(line); problem != "" {
			t.Fatalf("the scanner takes %q, the decoder says: %s", line, problem)
		}
		if diff := cmp.Diff(slow.event, fast.event); diff != "" {
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
	} {
		line, err := appendEvent(nil, &e)
		if err != nil {
			t.Fatal(err)
		}
		d := decoder{newInterner()}
		var got Event
		if !d.scan(line[:len(line)-1], &got) {
			t.Errorf("the scanner leaves %s to the decoder", line)
		} else if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
}
