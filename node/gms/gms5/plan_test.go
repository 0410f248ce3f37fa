package gms5_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"groupy/node/gms"
)

// The campaign's detector: one second, a sign of life every tenth of it.
const meshTimeout = time.Second

// meshPlan is one run: what the world is like and what is done to it. Steps can
// be taken out of it, for shrinking.
type meshPlan struct {
	seed       uint64
	nodes      int
	history    int
	minPrimary int
	fifo       bool
	hearClose  bool
	gentle     bool
	slow       time.Duration // upper bound of ordinary delays
	rate       time.Duration // between two multicasts of one node
	restarts   float64       // chance that a dead or excluded node starts again
	length     time.Duration
	steps      []meshStep
}

type meshStep struct {
	at   time.Duration
	name string
	seed uint64 // of the step's own choices
}

// meshFaults is the visible list of what can go wrong; each undoes itself.
var meshFaults = map[string]func(*mesh, *rand.Rand){
	"kill":         func(w *mesh, r *rand.Rand) { w.strike(w.any(r)) },
	"kill-leader":  func(w *mesh, _ *rand.Rand) { w.strike(w.inRank(0)) },
	"kill-two":     func(w *mesh, _ *rand.Rand) { a, b := w.inRank(0), w.inRank(1); w.strike(a); w.strike(b) },
	"kill-send":    func(w *mesh, r *rand.Rand) { w.trap(w.anyOrLeader(r), "", 1+r.IntN(12), 0) },
	"kill-order":   func(w *mesh, r *rand.Rand) { w.trap(w.inRank(0), "order", 1+r.IntN(6), 0) },
	"kill-coord":   func(w *mesh, r *rand.Rand) { w.trapAll(r, 0) },
	"pause-coord":  func(w *mesh, r *rand.Rand) { w.trapAll(r, between(r, 0.8, 2.5)) },
	"kill-change":  func(w *mesh, r *rand.Rand) { w.strike(w.any(r)); w.trapAll(r, 0) },
	"pause-change": func(w *mesh, r *rand.Rand) { w.strike(w.any(r)); w.trapAll(r, between(r, 0.8, 2.5)) },
	"pause":        func(w *mesh, r *rand.Rand) { w.pause(w.any(r), between(r, 0.8, 2.5)) },
	"pause-leader": func(w *mesh, r *rand.Rand) { w.pause(w.inRank(0), between(r, 0.8, 2.5)) },
	"pause-some": func(w *mesh, r *rand.Rand) {
		for range 1 + r.IntN(3) {
			w.pause(w.any(r), between(r, 0.8, 2.5))
		}
	},
	"halves":    func(w *mesh, r *rand.Rand) { w.partition(r, func(int, int) bool { return false }) },
	"isolate":   func(w *mesh, r *rand.Rand) { w.isolate(r, w.any(r)) },
	"no-leader": func(w *mesh, r *rand.Rand) { w.isolate(r, w.inRank(0)) },
	"bridge":    func(w *mesh, r *rand.Rand) { mid := r.IntN(len(w.nodes)); w.bridge(r, mid) },
	"ring":      func(w *mesh, r *rand.Rand) { w.ring(r) },
	"one-way": func(w *mesh, r *rand.Rand) {
		w.cutFor(r, [][2]string{{w.anyOrLeader(r), w.any(r)}, {w.any(r), w.anyOrLeader(r)}}[r.IntN(2):][:1])
	},
	"deaf":  func(w *mesh, r *rand.Rand) { w.oneSided(r, true) },
	"mute":  func(w *mesh, r *rand.Rand) { w.oneSided(r, false) },
	"lossy": func(w *mesh, r *rand.Rand) { p := r.Float64() * 0.4; w.weather(r, func(l *meshLink) { l.drop = p }) },
	"dup":   func(w *mesh, r *rand.Rand) { p := r.Float64() * 0.5; w.weather(r, func(l *meshLink) { l.dup = p }) },
	"slow": func(w *mesh, r *rand.Rand) {
		high := between(r, 0.05, 1.5)
		w.weather(r, func(l *meshLink) { l.low, l.high = 300*time.Microsecond, high })
	},
	"reset": func(w *mesh, r *rand.Rand) { w.reset(w.anyOrLeader(r)) },
	"leave": func(w *mesh, r *rand.Rand) { w.leave(w.anyOrLeader(r)) },
	"start": func(w *mesh, r *rand.Rand) { w.startAll(r) },
}

func meshFaultNames() []string {
	var names []string
	for n := range meshFaults {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func between(r *rand.Rand, low, high float64) time.Duration {
	return time.Duration((low + r.Float64()*(high-low)) * float64(meshTimeout))
}

func logBetween(r *rand.Rand, low, high float64) time.Duration {
	return time.Duration(low * math.Exp(r.Float64()*math.Log(high/low)) * float64(meshTimeout))
}

// planMesh draws a run: its own mix of faults, some calm, some storms.
func planMesh(seed uint64) meshPlan {
	r := rand.New(rand.NewPCG(seed, 5))
	p := meshPlan{
		seed: seed, nodes: 2 + r.IntN(6), history: []int{0, 0, 1, 8, 40}[r.IntN(5)], fifo: r.IntN(2) == 0,
		hearClose: r.IntN(3) > 0, gentle: r.IntN(4) > 0, slow: []time.Duration{2, 20, 100}[r.IntN(3)] * time.Millisecond,
		rate: logBetween(r, 0.02, 0.5), restarts: []float64{0.3, 0.8, 1}[r.IntN(3)],
		length: between(r, 8, 30),
	}
	if r.IntN(3) == 0 {
		p.minPrimary = 1 + r.IntN(p.nodes/2+1)
	}
	names := meshFaultNames()
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+r.IntN(len(names))]
	gap := logBetween(r, 0.15, 4)
	for at := between(r, 0.2, 3); at < p.length; at += time.Duration(r.ExpFloat64() * float64(gap)) {
		p.steps = append(p.steps, meshStep{at, names[r.IntN(len(names))], r.Uint64()})
	}
	return p
}

// play runs the plan's faults, heals, and asks for probes at the end.
func (p meshPlan) play(proto gms.Protocol, mutant string, debug func(string)) *mesh {
	w := &mesh{
		proto: proto, rng: rand.New(rand.NewPCG(p.seed, 7)), debug: debug,
		cfg: gms.Config{
			Heartbeat: meshTimeout / 10, Timeout: meshTimeout, JoinTimeout: 5 * meshTimeout,
			History: p.history, MinPrimary: p.minPrimary, Mutant: mutant, Muted: mutant != "",
		},
		procs: map[string]*meshProc{}, starts: map[string]int{}, links: map[[2]string]*meshLink{},
		fifo: p.fifo, hearClose: p.hearClose, gentle: p.gentle, low: 200 * time.Microsecond, high: p.slow,
	}
	for i := range p.nodes {
		w.nodes = append(w.nodes, fmt.Sprintf("n%d", i+1))
	}
	w.start("n1")
	w.join("n1")
	for _, n := range w.nodes[1:] {
		w.start(n)
		w.join(n, "n1")
	}
	w.run(2 * meshTimeout)
	begin, end := w.now, w.now+p.length
	for _, n := range w.nodes {
		w.talk(n, p.rate, end)
	}
	w.tend(p.restarts, end)
	for _, s := range p.steps {
		w.after(begin+s.at-w.now, func() {
			if debug != nil {
				debug(fmt.Sprintf("%10.3fms ---- %s", w.now.Seconds()*1000, s.name))
			}
			meshFaults[s.name](w, rand.New(rand.NewPCG(s.seed, 11)))
		})
	}
	w.run(end)
	w.finish()
	return w
}

// finish heals, gives the group its grace, and has every live member multicast
// a probe.
func (w *mesh) finish() {
	w.heal()
	w.high = 2 * time.Millisecond
	w.tend(1, w.now+10*meshTimeout)
	w.run(w.now + 25*meshTimeout)
	for _, n := range w.nodes {
		if p := w.procs[n]; p != nil && !p.out {
			w.multicast(n, "probe-"+p.member)
		}
	}
	w.run(w.now + 10*meshTimeout)
}

// talk has a node multicast every now and then, whatever it is.
func (w *mesh) talk(node string, rate, end time.Duration) {
	w.after(time.Duration(w.rng.ExpFloat64()*float64(rate)), func() {
		if w.now < end {
			w.multicast(node, fmt.Sprintf("m%d", w.req))
			w.talk(node, rate, end)
		}
	})
}

// tend starts dead and excluded nodes again, as new incarnations, after a while.
func (w *mesh) tend(chance float64, end time.Duration) {
	w.after(logBetween(w.rng, 0.03, 2), func() {
		if w.now >= end {
			return
		}
		n := w.nodes[w.rng.IntN(len(w.nodes))]
		if p := w.procs[n]; (p == nil || p.out) && w.rng.Float64() < chance {
			w.restart(n)
		}
		w.tend(chance, end)
	})
}

func (w *mesh) restart(node string) {
	contacts := slices.DeleteFunc(slices.Clone(w.nodes), func(n string) bool { return n == node })
	w.rng.Shuffle(len(contacts), func(i, j int) { contacts[i], contacts[j] = contacts[j], contacts[i] })
	w.start(node)
	w.join(node, contacts[:1+w.rng.IntN(len(contacts))]...)
}
