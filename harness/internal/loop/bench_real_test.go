package loop

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"groupy/harness/internal/proving"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/nemesis/link"
	"groupy/node"
)

// tap shows what nodes say, before the run takes it.
type tap struct {
	world.World
	said func(world.Said)
}

func (w *tap) Next(ctx context.Context, deadline time.Duration) (world.Event, error) {
	e, err := w.World.Next(ctx, deadline)
	if s, ok := e.(world.Said); ok && w.said != nil {
		w.said(s)
	}
	return e, err
}

// tapped is a stage of five real processes whose observations are seen.
func tapped(b *testing.B, o plan.Options, links bool) (*stage, *tap) {
	o.Nodes = 5
	w := &tap{}
	s := newStage(b, o, func(t testing.TB, p *plan.Plan) world.World {
		w.World = proving.OpenLinked(t, p, links)
		return w
	})
	return s, w
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}

// From the start of five processes to the first view that holds all of them.
func BenchmarkFirstCommonView(b *testing.B) {
	proving.Program(b)
	var took []time.Duration
	for range max(b.N, 5) {
		s, _ := tapped(b, plan.Options{Protocol: "gms5"}, true)
		took = append(took, s.r.world.Now())
	}
	b.ReportMetric(median(took), "ms/median")
	b.ReportMetric(0, "ns/op")
}

// From the call that cuts a link to the first message that it loses, while the
// sender says something every 2 ms; and how many messages pass after the call.
func BenchmarkCut(b *testing.B) {
	s, _ := tapped(b, plan.Options{Protocol: "gms5", Heartbeat: 2 * time.Millisecond, Timeout: 20 * time.Second}, true)
	var call, lost []time.Duration
	passed := int64(0)
	for i := range max(b.N, 20) {
		id := fmt.Sprint("cut", i)
		s.wait(stagePatient, func() bool { return s.Counters("n2", "n3").Passed > passed })
		before := s.r.world.Now()
		s.cluster.SetRule(id, "n2", "n3", link.Rule{Cut: true})
		call = append(call, s.r.world.Now()-before)
		was := s.Counters("n2", "n3")
		for s.Counters("n2", "n3").Cut == was.Cut {
			time.Sleep(20 * time.Microsecond)
		}
		lost = append(lost, s.r.world.Now()-before)
		passed = s.Counters("n2", "n3").Passed
		if passed != was.Passed {
			b.Logf("cut %d: %d messages passed after it", i, passed-was.Passed)
		}
		s.cluster.ClearRules(id)
	}
	b.ReportMetric(1000*median(call), "µs/call")
	b.ReportMetric(median(lost), "ms/first-lost")
	b.ReportMetric(0, "ns/op")
}

// From a leader's death, or its freezing, to the first message that another one
// delivers in the next view. The next in line is asked to multicast every 5 ms.
func BenchmarkRecovery(b *testing.B) {
	const tries = 20
	for _, c := range []struct {
		level, how string
	}{{"gms2", "kill"}, {"gms3", "kill"}, {"gms4", "kill"}, {"gms5", "kill"}, {"gms5", "pause"}} {
		b.Run(c.level+"/"+c.how, func(b *testing.B) {
			s, w := tapped(b, plan.Options{Protocol: c.level}, true)
			var took []time.Duration
			for i := range tries {
				took = append(took, s.recovery(b, w, c.how, i))
			}
			b.ReportMetric(median(took), "ms/median")
			b.ReportMetric(float64(took[0].Milliseconds()), "ms/least")
			b.ReportMetric(float64(took[tries-1].Milliseconds()), "ms/most")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// recovery takes the leader away once, and gives how long the others needed. When
// it returns, the leader is back.
func (s *stage) recovery(b *testing.B, w *tap, how string, try int) time.Duration {
	b.Helper()
	leader, err := s.Resolve("leader")
	if err != nil {
		b.Fatal(err)
	}
	next, err := s.Resolve("next")
	if err != nil {
		b.Fatal(err)
	}
	old, from := s.r.nodes[next].view, s.r.world.Now()
	took := time.Duration(-1)
	w.said = func(e world.Said) {
		if d, ok := e.Body.(*node.Deliver); ok && e.Node != leader && d.View != old && took < 0 {
			took = w.Now() - from
		}
	}
	take, back := s.Kill, s.Restart
	if how == "pause" {
		take, back = s.Pause, s.Resume
	}
	if err := take(leader); err != nil {
		b.Fatal(err)
	}
	asked := 0
	var ask func()
	ask = func() {
		if took >= 0 {
			return
		}
		asked++
		s.multicast(next, fmt.Sprintf("r%d-%d", try, asked), func() {})
		s.r.agenda.add(w.Now()+5*time.Millisecond, ask)
	}
	ask()
	s.wait(stagePatient, func() bool { return took >= 0 })
	w.said = nil
	if took < 0 {
		b.Fatalf("try %d: nothing was delivered in a next view: %s", try, s.r.views())
	}
	s.wait(stagePatient, s.shown)
	if err := back(leader); err != nil {
		b.Fatal(err)
	}
	s.wait(stagePatient, func() bool { return s.whole() && s.r.nodes[leader].view != old })
	return took
}

// multicast asks a node, beside what the run has planned; done is called with the
// answer, whatever that is.
func (s *stage) multicast(name, msg string, done func()) {
	c := call{node: name, f: node.TypeMulticast, done: func(answer) { done() }}
	s.r.ask(c, "c0", func(id int64) any {
		return &node.Multicast{Head: node.Head{Type: node.TypeMulticast, MsgID: id}, Msg: msg}
	}, stagePatient.Microseconds())
}

// Multicasts per second that all of five nodes have delivered, each node with so
// many outstanding; through the harness's links and without them. The harness
// asks, reads and writes the history on the same machine.
func BenchmarkThroughput(b *testing.B) {
	const measured = 2 * time.Second
	for _, links := range []bool{true, false} {
		for _, outstanding := range []int{1, 16, 128} {
			b.Run(fmt.Sprintf("links=%v/outstanding=%d", links, outstanding), func(b *testing.B) {
				s, w := tapped(b, plan.Options{Protocol: "gms5"}, links)
				delivered := map[string]int{}
				w.said = func(e world.Said) {
					if _, ok := e.Body.(*node.Deliver); ok {
						delivered[e.Node]++
					}
				}
				sent, end := 0, w.Now()+measured
				var more func(name string)
				more = func(name string) {
					if sent++; w.Now() < end {
						s.multicast(name, fmt.Sprint("t", sent), func() { more(name) })
					}
				}
				began := w.Now()
				for _, name := range s.Nodes() {
					for range outstanding {
						more(name)
					}
				}
				s.wait(measured, func() bool { return w.Now() >= end })
				least := sent
				for _, name := range s.Nodes() {
					least = min(least, delivered[name])
				}
				b.ReportMetric(float64(least)/(w.Now()-began).Seconds(), "multicasts/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
