package plan

import (
	"math"
	"time"

	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/node/draw"
)

// forgiven is the part of its timeout by which a strategy may delay messages of
// a group that is not to see delays: no detector suspects anybody for it.
const forgiven = 0.25

// regime gives each link its own delay for the whole run. How slow the slowest
// may be is drawn per run first: most orders of events come up only in a group
// whose links differ by much.
func (e *explorer) regime() {
	most := 1.5 * float64(e.timeout)
	if !e.wants("delay") {
		most = forgiven * float64(e.timeout)
	}
	const least = 200 // µs
	slowest := e.key.With("slowest").LogBetween(2*least, max(most, 4*least))
	e.links(func(k draw.Key, l [2]string) {
		if k.With("slow").Chance(0.8) {
			e.delay("regime", 0, 0, [][2]string{l}, k.With("delay").LogBetween(least, slowest))
		}
	})
}

// bands are the classes of priority.
const bands = 4

// priorities is the idea of PCT (Burckhardt et al., ASPLOS 2010) on links: each
// has a random priority, and at a few random moments all change. What travels on
// a link waits the longer the lower its priority is, band by band, so that
// everything on a high one overtakes it.
func (e *explorer) priorities() {
	main := e.plan.Limits.MainMicros
	changes := e.key.With("changes").Intn(4)
	top := e.key.With("top").LogBetween(2000, max(forgiven*float64(e.timeout), 4000)) // µs, of the lowest band
	from := int64(0)
	for segment := range changes + 1 {
		k := e.key.With("segment").At(uint64(segment))
		to := main
		if segment < changes {
			to = from + int64(k.With("length").Between(0.1, 1.8)*float64(main-from)/float64(changes-segment+1))
		}
		var held [bands][][2]string
		e.links(func(_ draw.Key, l [2]string) {
			b := k.With("priority").With(l[0]).With(l[1]).Intn(bands)
			held[b] = append(held[b], l)
		})
		for b := 1; b < bands && to > from; b++ { // the first waits for nobody
			if len(held[b]) > 0 {
				e.delay("pct", from, to-from, held[b], top*math.Pow(4, float64(b-bands+1)))
			}
		}
		from = to
	}
}

// links calls f for every directed pair of nodes, with a key of its own.
func (e *explorer) links(f func(draw.Key, [2]string)) {
	for _, from := range e.plan.Nodes {
		for _, to := range e.plan.Nodes {
			if from != to {
				f(e.key.With(from).With(to), [2]string{from, to})
			}
		}
	}
}

// delay adds a step that slows links down, by so many microseconds in whole
// tenths of a millisecond.
func (e *explorer) delay(name string, at, length int64, links [][2]string, micros float64) {
	d := max(time.Duration(micros/100), 1) * 100 * time.Microsecond
	e.add(name, nemesis.Step{
		Fault: "delay", AtMicros: at, ForMicros: length, Links: links, Rule: &link.Rule{Delay: d},
	})
}
