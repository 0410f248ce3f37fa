package world

import (
	"bytes"
	"testing"
)

// TestLongLineTakesNoOtherWithIt: what stands before and after a line that is too
// long, in the same chunk, is read; of the line itself it is said that it was lost.
func TestLongLineTakesNoOtherWithIt(t *testing.T) {
	view := `{"src":"n1","dest":"harness","body":{"type":"view","view":"%","members":["n1.1"]}}` + "\n"
	in := bytes.Replace([]byte(view), []byte("%"), []byte("1"), 1)
	in = append(in, bytes.Repeat([]byte("x"), maxLine+1)...)
	in = append(in, '\n')
	in = append(in, bytes.Replace([]byte(view), []byte("%"), []byte("2"), 1)...)
	in = append(in, "half a line"...)
	var got []Event
	(&process{node: "n1", incarnation: 1}).read(bytes.NewReader(in), func(e Event) { got = append(got, e) })
	if len(got) != 3 {
		t.Fatalf("%d events: %v", len(got), got)
	}
	for _, i := range []int{0, 2} {
		if _, ok := got[i].(Said); !ok {
			t.Errorf("event %d is %v", i, got[i])
		}
	}
	if lost, ok := got[1].(Garbled); !ok || !lost.Lost {
		t.Errorf("event 1 is %v", got[1])
	}
	// One that just fits is read.
	got = nil
	(&process{node: "n1"}).read(bytes.NewReader(append(bytes.Repeat([]byte("x"), maxLine-1), '\n')), func(e Event) { got = append(got, e) })
	if g, ok := got[0].(Garbled); len(got) != 1 || !ok || g.Lost {
		t.Errorf("a line of %d bytes: %d events", maxLine, len(got))
	}
}
