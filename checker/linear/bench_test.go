package linear

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// log is one honest history of 50 clients on 4 registers, 5% of unknown outcome.
type log struct {
	ops   []Op
	order []int32
	keys  []Problem
}

func newLog(n int) *log {
	const keys = 4
	l := &log{}
	l.ops, l.order = honest(rand.New(rand.NewPCG(1, 1)), n, 50, keys, 0.05)
	for _, mine := range byKey(l.ops, keys) {
		l.keys = append(l.keys, Problem{Object: Register, Ops: mine})
	}
	return l
}

// every decides all keys.
func (l *log) every(way func(p *Problem) Outcome) Outcome {
	for i := range l.keys {
		if outcome := way(&l.keys[i]); outcome != Legal {
			return outcome
		}
	}
	return Legal
}

// BenchmarkWays puts the three ways side by side on the same logs. The exponent is
// that of the cost since the size before: 1 is linear. A search gets 20 seconds for
// a key; where that is too little it says so and tries no larger ones.
func BenchmarkWays(b *testing.B) {
	ways := []struct {
		name   string
		sizes  []int
		decide func(*log) Outcome
	}{
		{"log-position", []int{10_000, 100_000, 1_000_000}, func(l *log) Outcome {
			for _, ok := range Replay(Register, make([]Values, len(l.keys)), l.ops, l.order) {
				if !ok {
					return Undecided
				}
			}
			return Legal
		}},
		{"zones", []int{10_000, 100_000, 1_000_000}, func(l *log) Outcome {
			return l.every(func(p *Problem) Outcome { return Zones(p.Ops) })
		}},
		{"porcupine", []int{100, 200, 400, 800}, func(l *log) Outcome {
			return l.every(func(p *Problem) Outcome { return p.Search(20*time.Second, new(Progress)) })
		}},
	}
	for _, way := range ways {
		var last, before float64
		for _, n := range way.sizes {
			tooLong := false
			b.Run(fmt.Sprintf("%s/%d", way.name, n), func(b *testing.B) {
				l := newLog(n)
				for b.Loop() {
					if outcome := way.decide(l); outcome != Legal {
						tooLong = true
						b.Skipf("outcome %d within the time", outcome)
					}
				}
				took := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(float64(n)/took/1e6, "Mops/s")
				if last > 0 {
					b.ReportMetric(math.Log(took/last)/math.Log(float64(n)/before), "exponent")
				}
				last, before = took, float64(n)
			})
			if tooLong {
				break
			}
		}
	}
}

// BenchmarkObjects is a million operations of the objects with an exact way of
// their own, 50 clients, 5% of unknown outcome.
func BenchmarkObjects(b *testing.B) {
	for _, o := range []Object{Counter, Set, Log} {
		b.Run(string(o), func(b *testing.B) {
			p := growing(o, 1_000_000, 50)
			for b.Loop() {
				if outcome := p.Decide(); outcome != Legal {
					b.Fatal(outcome)
				}
			}
			b.ReportMetric(float64(len(p.Ops))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mops/s")
		})
	}
}

// growing is a history of an object that grows: in rounds all clients ask, take
// effect, and are told; one in 20 is not. A counter is read often, the others once
// at their end.
func growing(o Object, n, clients int) *Problem {
	p := &Problem{Object: o, Values: Values{Lists: [][]int32{{}}, Amounts: []int64{0, 1}}}
	all, place := []int32{}, int64(0)
	read := func(value int32) {
		p.Ops = append(p.Ops, Op{Kind: Read, Value: value, Call: place, Return: place + 1})
		place += 2
	}
	for i := 0; i < n; i += clients {
		for c := range clients {
			v := int32(i + c + 1)
			op := Op{Kind: Add, Value: v, Call: place + int64(c), Return: place + int64(2*clients-c)}
			switch o {
			case Log:
				op.Kind, op.From = Append, v-1
			case Counter:
				op.Value = 1
			}
			if (i+c)%20 == 0 {
				op.Return, op.Maybe = Open, true
			}
			p.Ops = append(p.Ops, op)
			all = append(all, v)
		}
		place += int64(2*clients + 1)
		if o == Counter {
			p.Values.Amounts = append(p.Values.Amounts, int64(len(all)))
			read(int32(len(p.Values.Amounts) - 1))
		}
	}
	if o != Counter {
		p.Values.Lists = append(p.Values.Lists, all)
		read(1)
	}
	return p
}
