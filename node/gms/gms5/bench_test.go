package gms5_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"groupy/node/gms"
)

// BenchmarkGMS5 is the cost of the cores alone: five of them, messages handed
// over without encoding or delay, a fixed number of multicasts outstanding at
// each. One operation is one multicast, delivered by all.
func BenchmarkGMS5(b *testing.B) {
	for _, outstanding := range []int{1, 13, 51, 205} {
		b.Run(fmt.Sprintf("%d outstanding", 5*outstanding), func(b *testing.B) {
			w := newBench(b, 5)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range w.cores {
				for range outstanding {
					w.multicast(i)
				}
			}
			for w.answered < b.N {
				w.turn()
			}
			b.ReportMetric(float64(w.answered)/b.Elapsed().Seconds(), "multicasts/s")
		})
	}
}

type bench struct {
	names    []string
	cores    []gms.Core
	inbox    [][]gms.Input
	soon     [][]gms.Input // timers of no length
	now      time.Duration
	req      uint64
	own      map[uint64]bool
	answered int
}

func newBench(b *testing.B, n int) *bench {
	w := &bench{own: map[uint64]bool{}}
	for i := range n {
		w.names = append(w.names, fmt.Sprintf("n%d", i+1))
	}
	for i, name := range w.names {
		w.cores = append(w.cores, gms5(b).New(gms.Config{Node: name, Incarnation: 1, Nodes: w.names}))
		w.inbox = append(w.inbox, nil)
		w.soon = append(w.soon, nil)
		join := gms.Join{Req: 1 << 60}
		if i > 0 {
			join.Contacts = w.names[:1]
		}
		w.step(i, join)
		for range 20 {
			w.turn()
		}
	}
	return w
}

// turn lets each core take in what waits for it, in turn, as processes with
// sockets do.
func (w *bench) turn() {
	w.now += time.Microsecond
	for i := range w.cores {
		waiting := w.inbox[i]
		w.inbox[i] = nil
		for _, in := range waiting {
			w.step(i, in)
		}
		for len(w.soon[i]) > 0 {
			in := w.soon[i][0]
			w.soon[i] = w.soon[i][1:]
			w.step(i, in)
		}
	}
}

func (w *bench) multicast(i int) {
	w.req++
	w.own[w.req] = true
	w.step(i, gms.Multicast{Req: w.req, Msg: "m", Payload: json.RawMessage(`"0123456789012345678901234567890123456789012345678901234567890"`)})
}

func (w *bench) step(i int, in gms.Input) {
	again := 0
	for _, e := range slices.Clone(w.cores[i].Step(w.now, in)) {
		switch e := e.(type) {
		case gms.SetTimer:
			if e.After == 0 {
				w.soon[i] = append(w.soon[i], gms.Timer{ID: e.ID})
			}
		case gms.Send:
			for j, name := range w.names {
				if e.To == name || e.To == name+".1" {
					w.inbox[j] = append(w.inbox[j], gms.Receive{From: w.names[i] + ".1", Message: e.Message})
				}
			}
		case gms.Reply:
			if w.own[e.Req] {
				delete(w.own, e.Req)
				w.answered++
				again++
			}
		}
	}
	for range again {
		w.multicast(i)
	}
}
