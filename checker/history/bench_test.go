package history_test

import (
	"bytes"
	"io"
	"testing"

	"groupy/checker/history"
)

// BenchmarkWrite is what one event costs the run that writes it, its hash included:
// a message is asked for, delivered five times and acknowledged.
func BenchmarkWrite(b *testing.B) {
	w, err := history.NewWriter(io.Discard, history.Header{})
	if err != nil {
		b.Fatal(err)
	}
	ask := history.Event{Time: 123456789, Type: history.Invoke, Process: "c1", Node: "n2", Member: "n2.1", F: "multicast", Value: []byte(`"m123456"`)}
	answer := ask
	answer.Type = history.OK
	events := []history.Event{ask}
	for _, m := range []string{"n1.1", "n2.1", "n3.1", "n4.1", "n5.1"} {
		events = append(events, history.Event{Time: 123456789, Type: history.Deliver, Member: m, Msg: "m123456", Sender: "n2.1", View: "4", State: "#a0b0c0"})
	}
	events = append(events, answer)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := w.Append(&events[i%len(events)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead is what one event costs the reader.
func BenchmarkRead(b *testing.B) {
	events := make([]history.Event, 10_000)
	for i := range events {
		events[i] = history.Event{Time: 123456789, Type: history.Deliver, Member: "n1.1", Msg: "m123456", Sender: "n2.1", View: "4", State: "#a0b0c0"}
	}
	file := write(b, events)
	b.SetBytes(int64(len(file) / len(events)))
	b.ReportAllocs()
	var r *history.Reader
	for b.Loop() {
		if r != nil {
			if _, err := r.Next(); err == nil {
				continue
			}
		}
		var err error
		if r, err = history.NewReader(bytes.NewReader(file), "bench"); err != nil {
			b.Fatal(err)
		}
	}
}
