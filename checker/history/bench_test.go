package history_test

import (
	"bytes"
	"io"
	"testing"

	"groupy/checker/history"
)

// BenchmarkWrite is what one event costs the run that writes it.
func BenchmarkWrite(b *testing.B) {
	w, err := history.NewWriter(io.Discard, history.Header{})
	if err != nil {
		b.Fatal(err)
	}
	e := history.Event{Time: 123456789, Type: history.Deliver, Member: "n1.1", Msg: "m123456", Sender: "n2.1", View: "4", State: "#a0b0c0"}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Append(&e); err != nil {
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
