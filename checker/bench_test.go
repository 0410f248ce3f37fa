package checker_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// long writes a valid history of about n events, which ends as a run does: five
// members, each message asked, delivered by all with a state and acknowledged, a view
// change for every 1,000 messages, the hash for every 1,000 events. see, if it is not
// nil, is given each event.
func long(b *testing.B, to io.Writer, n int64, see func(history.Event)) {
	b.Helper()
	w, err := history.NewWriter(to, history.Header{})
	if err != nil {
		b.Fatal(err)
	}
	put := func(e history.Event) {
		e.Time = w.Len() * 1000
		if err := w.Append(&e); err != nil {
			b.Fatal(err)
		}
		if see != nil {
			see(e)
		}
	}
	phase := func(name string) { put(history.Event{Type: history.Phase, Phase: name}) }
	members := []string{"n1.1", "n2.1", "n3.1", "n4.1", "n5.1"}
	messages := 0
	message := func() {
		i := messages
		messages++
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
		if i%143 == 0 {
			put(history.Event{Type: history.Hash, Value: []byte(`"` + w.Sum() + `"`)})
		}
	}
	for _, m := range members {
		put(history.Event{Type: history.Start, Node: m[:2], Member: m, PID: 4711})
	}
	phase(history.PhaseMain)
	for w.Len() < n-50 {
		message()
	}
	phase(history.PhaseHeal)
	phase(history.PhaseFinal)
	for range members {
		message()
	}
	phase(history.PhaseEnd)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// longFile writes such a history to a file, packed if its name says so.
func longFile(b *testing.B, path string, n int64) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	buf := bufio.NewWriterSize(file, 1<<20)
	var to io.WriteCloser = struct {
		io.Writer
		io.Closer
	}{buf, io.NopCloser(nil)}
	if filepath.Ext(path) == ".zst" {
		if to, err = zstd.NewWriter(buf); err != nil {
			b.Fatal(err)
		}
	}
	long(b, to, n, nil)
	if err := to.Close(); err != nil {
		b.Fatal(err)
	}
	if err := buf.Flush(); err != nil {
		b.Fatal(err)
	}
}

// sizes are how many events the histories have. The largest takes more than a
// gigabyte on disk.
func sizes() []int64 {
	if os.Getenv("GROUPY_LONG") != "" {
		return []int64{1e5, 1e6, 1e7}
	}
	return []int64{1e5, 1e6}
}

// BenchmarkCheck judges histories by all properties, from files as they are, from
// packed files and from memory, and shows how the cost grows with the length: an
// exponent of 1 is linear. GROUPY_LONG=1 adds ten million events; GROUPY_BENCH_DIR
// keeps the files.
func BenchmarkCheck(b *testing.B) {
	dir := os.Getenv("GROUPY_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	for _, ext := range []string{".jsonl", ".jsonl.zst"} {
		var costs []cost
		for _, n := range sizes() {
			path := filepath.Join(dir, fmt.Sprint(n, ext))
			b.Run(fmt.Sprintf("%s/%.0e", ext[1:], float64(n)), func(b *testing.B) {
				if _, err := os.Stat(path); err != nil {
					longFile(b, path, n)
				}
				costs = append(costs, fastest(b, n, func() { checkFile(b, path) }))
			})
		}
		exponent(b, ext[1:], costs)
	}
	var costs []cost
	for _, n := range []int64{1e4, 1e5} { // the events in memory are larger than their lines
		b.Run(fmt.Sprintf("memory/%.0e", float64(n)), func(b *testing.B) {
			var events []history.Event
			deliveries := int64(0)
			long(b, io.Discard, n, func(e history.Event) {
				if events = append(events, e); e.Type == history.Deliver {
					deliveries++
				}
			})
			for i := range events {
				events[i].Index, events[i].Line = int64(i), i+2
			}
			c := fastest(b, n, func() {
				if rep := checker.FromMemory(b, events); rep.Verdict != report.Valid {
					b.Fatal(rep.Verdict, rep.Unknown)
				}
			})
			b.ReportMetric(float64(deliveries)/c.seconds, "deliveries/s")
			costs = append(costs, c)
		})
	}
	exponent(b, "memory", costs)
}

func checkFile(b *testing.B, path string) {
	r, err := history.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	rep, err := checker.Check(r, checker.Options{})
	if err != nil || rep.Verdict != report.Valid {
		b.Fatal(rep.Verdict, rep.Unknown, err)
	}
}

// cost is how long it took to judge so many events, and how long all processors were
// busy with them.
type cost struct{ n, seconds, busy float64 }

// fastest runs the judging again and again, and reports the fastest run: what else the
// machine does makes runs slower, never faster.
func fastest(b *testing.B, n int64, judge func()) cost {
	best, processor := math.Inf(1), math.Inf(1)
	for b.Loop() {
		began, used := time.Now(), processorTime(b)
		judge()
		best = min(best, time.Since(began).Seconds())
		processor = min(processor, (processorTime(b) - used).Seconds())
	}
	b.ReportMetric(float64(n)/best, "events/s")
	b.ReportMetric(processor/float64(n)*1e9, "cpu-ns/event")
	return cost{float64(n), best, processor}
}

// processorTime is what the process has used of all processors.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// exponent prints the slope of log(busy) over log(n) that fits best.
func exponent(b *testing.B, name string, costs []cost) {
	if len(costs) < 2 { // the benchmark's filter left sizes out
		return
	}
	var x, y, xx, xy float64
	for _, c := range costs {
		lx, ly := math.Log(c.n), math.Log(c.busy)
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	k := float64(len(costs))
	b.Run(name+"/exponent", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric((k*xy-x*y)/(k*xx-x*x), "exponent")
	})
}
