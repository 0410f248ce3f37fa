package checker_test

import (
	"bytes"
	"fmt"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
)

// long is a valid history of about n events as a file: five members, each message
// asked, delivered by all with a state and acknowledged, a view change for every
// 1,000 messages.
func long(b *testing.B, n int) []byte {
	b.Helper()
	var buf bytes.Buffer
	w, err := history.NewWriter(&buf, history.Header{})
	if err != nil {
		b.Fatal(err)
	}
	put := func(e history.Event) {
		e.Time = w.Len() * 1000
		if err := w.Append(&e); err != nil {
			b.Fatal(err)
		}
	}
	members := []string{"n1.1", "n2.1", "n3.1", "n4.1", "n5.1"}
	for i := 0; w.Len() < int64(n); i++ {
		view := fmt.Sprint(1 + i/1000)
		if i%1000 == 0 {
			for _, m := range members {
				put(history.Event{Type: history.View, Member: m, View: view, Members: members})
			}
		}
		sender := members[i%5]
		msg := fmt.Sprint("m", i)
		call := history.Event{Process: fmt.Sprint("c", i%5), Node: sender[:2], Member: sender, F: "multicast", Value: []byte(`"` + msg + `"`)}
		call.Type = history.Invoke
		put(call)
		for _, m := range members {
			put(history.Event{Type: history.Deliver, Member: m, Msg: msg, Sender: sender, View: view, State: fmt.Sprintf("#%06x", i*7919%(1<<24))})
		}
		call.Type = history.OK
		put(call)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkCheck judges a file in memory by all properties; compare the events/s of
// the sizes: the cost must stay linear.
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := long(b, n)
			b.SetBytes(int64(len(file)))
			b.ResetTimer()
			for b.Loop() {
				r, err := history.NewReader(bytes.NewReader(file), "bench")
				if err != nil {
					b.Fatal(err)
				}
				rep, err := checker.Check(r, checker.Options{})
				if err != nil || rep.Verdict == checker.Invalid {
					b.Fatal(rep.Verdict, err)
				}
				b.ReportMetric(0, "ns/op")
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
