package harness

import (
	"bytes"
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/errgroup"

	"groupy/harness/internal/loop"
	"groupy/harness/internal/proving"
	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/run"
)

// Benchmarks print, they assert nothing:
//
//	go test ./harness -run '^$' -bench . -benchtime 1x

// How fast the virtual worlds are with five nodes of gms5, the default faults and
// a main phase of 30 s. An event is one input that a node handled (request,
// message, timer) or one line of the history.
func BenchmarkWorlds(b *testing.B) {
	proving.Program(b) // built before anything is measured
	for _, c := range []struct {
		name string
		rate float64
		runs int // at least; one alone tells little
		open func(testing.TB, *plan.Plan) *virtual.Virtual
	}{
		{"sim", 50, 50, proving.OpenSim},
		{"sim-busy", 1000, 3, proving.OpenSim},
		{"lockstep", 50, 2, proving.OpenLockstep},
	} {
		b.Run(c.name, func(b *testing.B) {
			var events int64
			var virtual time.Duration
			began := cpu()
			runs := max(b.N, c.runs)
			for i := range runs {
				p := thirtySeconds(b, fmt.Sprint("speed-", i), c.rate)
				w := c.open(b, p)
				var out lineCounter
				_, err := loop.Run(context.Background(), p, w, run.Job{Plan: p}.OpenHistory(&out, w.Kind()), nil, hclog.NewNullLogger(), nil)
				if err != nil {
					b.Fatal(err)
				}
				events += w.Inputs() + out.lines
				virtual += w.Now()
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			wall := b.Elapsed()
			b.ReportMetric(float64(events)/(cpu()-began).Seconds(), "events/cpu-s")
			b.ReportMetric(float64(events)/wall.Seconds(), "events/s")
			b.ReportMetric(float64(virtual)/float64(wall), "virtual/wall")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(runs)/wall.Minutes(), "runs/min")
		})
	}
}

// lineCounter is a history of which only the length is kept.
type lineCounter struct{ lines int64 }

func (c *lineCounter) Write(b []byte) (int, error) {
	c.lines += int64(bytes.Count(b, []byte{'\n'}))
	return len(b), nil
}

// cpu is what this process and its children that have ended have used: what a
// benchmark costs on a machine that others use as well.
func cpu() (used time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err == nil {
			used += time.Duration(r.Utime.Nano() + r.Stime.Nano())
		}
	}
	return used
}

func thirtySeconds(tb testing.TB, seed string, rate float64) *plan.Plan {
	tb.Helper()
	p, err := plan.NewPlan(plan.Options{Seed: seed, Nodes: 5, Protocol: "gms5", Rate: rate, TimeLimit: 30 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// How many plans like those of BenchmarkWorlds, with a main phase of 30 s, the
// real world carries out a minute, planned, run and judged, so many at a time.
func BenchmarkRealRuns(b *testing.B) {
	const abreast = 6
	path := proving.Program(b)
	store := b.TempDir()
	var g errgroup.Group
	g.SetLimit(abreast)
	runs := max(b.N, abreast)
	b.ResetTimer()
	began := cpu()
	for i := range runs {
		p := thirtySeconds(b, fmt.Sprint("speed-", i), 50)
		job := run.Job{
			Plan: p, Store: store, Now: time.Now, Log: hclog.NewNullLogger(),
			Program: world.Program{Path: path, Args: []string{"node", "--log-level", "off"}},
			Warden:  world.Program{Path: path, Args: []string{"warden"}},
		}
		g.Go(func() error {
			_, err := job.Execute(context.Background())
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	wall := b.Elapsed()
	b.ReportMetric(float64(runs)/wall.Minutes(), "runs/min")
	b.ReportMetric((cpu()-began).Seconds()/float64(runs), "cpu-s/run")
	b.ReportMetric(0, "ns/op")
}
