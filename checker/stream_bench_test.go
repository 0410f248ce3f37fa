package checker

import (
	"fmt"
	"testing"

	"groupy/checker/history"
	"groupy/checker/stream"
	"groupy/checker/trace"
)

// BenchmarkStream is the bare check, without reading: messages that are asked for,
// delivered by five members in one view, and acknowledged.
func BenchmarkStream(b *testing.B) {
	members := []string{"n1.1", "n2.1", "n3.1", "n4.1", "n5.1"}
	s := stream.New(trace.NewBuilder(&history.Header{}, usualOperations(), nil))
	index := int64(0)
	put := func(e history.Event) {
		e.Index, e.Line = index, int(index)+2
		index++
		s.Add(&e)
	}
	for _, m := range members {
		put(history.Event{Type: history.Start, Member: m, Node: m[:2]})
	}
	for _, m := range members {
		put(history.Event{Type: history.View, Member: m, View: "1", Members: members})
	}
	const many = 1 << 12 // so that names are made outside the clock
	deliveries := 0
	for b.Loop() {
		b.StopTimer()
		var names []string
		for i := range many {
			names = append(names, fmt.Sprint("m", deliveries/len(members)+i))
		}
		b.StartTimer()
		for i, name := range names {
			call := history.Event{Type: history.Invoke, Process: "c1", Node: members[i%5][:2], Member: members[i%5], F: "multicast", Value: []byte(`"` + name + `"`)}
			put(call)
			for _, m := range members {
				put(history.Event{Type: history.Deliver, Member: m, Msg: name, View: "1"})
			}
			call.Type = history.OK
			put(call)
			deliveries += len(members)
		}
	}
	if s.Suspicion != "" {
		b.Fatal(s.Suspicion)
	}
	b.ReportMetric(float64(deliveries)/b.Elapsed().Seconds()/1e6, "Mdeliveries/s")
}
