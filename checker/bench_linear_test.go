package checker_test

import (
	"bytes"
	"fmt"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// registers is a file of about n reads and writes of 50 clients on 8 keys, the
// values written once each, one outcome in 20 unknown; carried says whether each is
// a message that one member delivers.
func registers(b *testing.B, n int, carried bool) []byte {
	b.Helper()
	var buf bytes.Buffer
	w, err := history.NewWriter(&buf, history.Header{})
	if err != nil {
		b.Fatal(err)
	}
	put := func(e history.Event) {
		if err := w.Append(&e); err != nil {
			b.Fatal(err)
		}
	}
	const clients, keys = 50, 8
	held := [keys]string{}
	for k := range held {
		held[k] = "null"
	}
	for i := 0; i < n; i += clients {
		var open [clients]history.Event
		for c := range clients { // all ask, then each takes effect and most are told
			k := (i + c) * 7 % keys
			open[c] = history.Event{Process: fmt.Sprint("c", c), F: "read", Value: fmt.Appendf(nil, `{"key":"k%d","value":null}`, k)}
			if (i+c)%20 == 0 {
				open[c].Process = fmt.Sprint("c", c, "-", i)
			}
			if (i+c)%3 == 0 {
				open[c].F, open[c].Value = "write", fmt.Appendf(nil, `{"key":"k%d","value":%d}`, k, i+c)
			}
			ask := open[c]
			if ask.Type = history.Invoke; carried {
				ask.Msg = fmt.Sprint("m", i+c)
			}
			put(ask)
		}
		for c, e := range open {
			k := (i + c) * 7 % keys
			if carried {
				put(history.Event{Type: history.Deliver, Member: "n1.1", Msg: fmt.Sprint("m", i+c), View: "1"})
			}
			if e.F == "write" {
				held[k] = fmt.Sprint(i + c)
			}
			if e.Type = history.OK; (i+c)%20 == 0 {
				e.Type = history.Info
			} else if e.F == "read" {
				e.Value = fmt.Appendf(nil, `{"key":"k%d","value":%s}`, k, held[k])
			}
			put(e)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkLinearizability judges such files from memory, with all that reading
// them takes: by the order of deliveries, and by zones.
func BenchmarkLinearizability(b *testing.B) {
	for _, way := range []string{"deliveries", "zones"} {
		b.Run(way, func(b *testing.B) {
			const n = 1_000_000
			file := registers(b, n, way == "deliveries")
			b.SetBytes(int64(len(file)))
			b.ResetTimer()
			for b.Loop() {
				r, err := history.NewReader(bytes.NewReader(file), "bench")
				if err != nil {
					b.Fatal(err)
				}
				rep, err := checker.Check(r, checker.Options{})
				if res := rep.Properties["linearizability"]; err != nil || res.Verdict != report.Valid {
					b.Fatal(res, err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mops/s")
		})
	}
}
