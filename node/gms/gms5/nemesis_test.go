package gms5_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
)

func (w *mesh) any(r *rand.Rand) string { return w.nodes[r.IntN(len(w.nodes))] }

func (w *mesh) anyOrLeader(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return w.inRank(0)
	}
	return w.any(r)
}

// strike kills a node, in a gentle world only if that leaves the newest view a
// quorum.
func (w *mesh) strike(node string) {
	p := w.procs[node]
	if p == nil || w.gentle && !w.enoughWithout(p.member) {
		return
	}
	w.kill(node)
}

func (w *mesh) enoughWithout(member string) bool {
	members := w.newestView()
	live := slices.DeleteFunc(w.live(), func(m string) bool { return m == member })
	there := 0
	for _, m := range members {
		if slices.Contains(live, m) {
			there++
		}
	}
	return 2*there > len(members) && len(live) >= w.cfg.MinPrimary
}

// inRank is the node of that rank in the newest view, the leader for 0.
func (w *mesh) inRank(rank int) string {
	members := w.newestView()
	if rank >= len(members) {
		return w.nodes[0]
	}
	node, _, _ := strings.Cut(members[rank], ".")
	return node
}

func (w *mesh) newestView() []string {
	newest, members := 0, []string(nil)
	for _, e := range slices.Backward(w.events) {
		if v, ok := e.What.(gms.Install); ok {
			if k, _ := strconv.Atoi(v.View); k > newest {
				newest, members = k, v.Members
			}
		}
		if e.At < w.now-10*meshTimeout && newest > 0 {
			break
		}
	}
	return members
}

func (w *mesh) trap(node, kind string, count int, pause time.Duration) {
	if p := w.procs[node]; p != nil {
		p.traps = append(p.traps, &trap{kind, count, pause})
	}
}

// trapAll waits for whoever coordinates the next view change, at a moment of
// the change that matters.
func (w *mesh) trapAll(r *rand.Rand, pause time.Duration) {
	kind := []string{"prepare", "accept", "accept", "decide"}[r.IntN(4)]
	count := 1 + r.IntN(len(w.nodes))
	for _, n := range w.nodes {
		w.trap(n, kind, count, pause)
	}
}

// cutFor cuts directed links for a while.
func (w *mesh) cutFor(r *rand.Rand, links [][2]string) {
	d := logBetween(r, 0.3, 6)
	resets := w.hearClose && r.IntN(2) == 0
	for _, l := range links {
		if resets {
			w.closed(l[0], l[1])
		}
		w.link(l[0], l[1]).cut = true
	}
	w.after(d, func() {
		for _, l := range links {
			w.link(l[0], l[1]).cut = false
		}
	})
}

// partition cuts all links between two random sides but those that connected
// keeps.
func (w *mesh) partition(r *rand.Rand, connected func(i, j int) bool) {
	side := r.Perm(len(w.nodes))
	half := 1 + r.IntN(len(w.nodes)-1)
	var links [][2]string
	for i, a := range w.nodes {
		for j, b := range w.nodes {
			if i != j && (side[i] < half) != (side[j] < half) && !connected(i, j) {
				links = append(links, [2]string{a, b})
			}
		}
	}
	w.cutFor(r, links)
}

func (w *mesh) bridge(r *rand.Rand, mid int) {
	w.partition(r, func(i, j int) bool { return i == mid || j == mid })
}

// ring leaves each node the links to its nearest neighbours, a majority with it.
func (w *mesh) ring(r *rand.Rand) {
	n := len(w.nodes)
	place := r.Perm(n)
	var links [][2]string
	for i, a := range w.nodes {
		for j, b := range w.nodes {
			d := (place[i] - place[j] + n) % n
			if i != j && min(d, n-d) > max(1, n/4) {
				links = append(links, [2]string{a, b})
			}
		}
	}
	w.cutFor(r, links)
}

func (w *mesh) isolate(r *rand.Rand, node string) {
	var links [][2]string
	for _, n := range w.nodes {
		if n != node {
			links = append(links, [2]string{n, node}, [2]string{node, n})
		}
	}
	w.cutFor(r, links)
}

// oneSided lets a node not hear, or not be heard by, the others.
func (w *mesh) oneSided(r *rand.Rand, deaf bool) {
	node := w.anyOrLeader(r)
	var links [][2]string
	for _, n := range w.nodes {
		switch {
		case n == node:
		case deaf:
			links = append(links, [2]string{n, node})
		default:
			links = append(links, [2]string{node, n})
		}
	}
	w.cutFor(r, links)
}

// weather changes some links for a while.
func (w *mesh) weather(r *rand.Rand, change func(*meshLink)) {
	share := r.Float64()
	var links []*meshLink
	for _, a := range w.nodes {
		for _, b := range w.nodes {
			if a != b && r.Float64() < share {
				l := w.link(a, b)
				change(l)
				links = append(links, l)
			}
		}
	}
	w.after(logBetween(r, 0.3, 8), func() {
		for _, l := range links {
			l.drop, l.dup, l.low, l.high = 0, 0, 0, 0
		}
	})
}

// reset closes a live process's connections, both ways.
func (w *mesh) reset(node string) {
	for _, n := range w.nodes {
		w.closed(node, n)
		w.closed(n, node)
	}
}

// startAll starts everybody who is out, at once: a storm of joins.
func (w *mesh) startAll(r *rand.Rand) {
	for _, n := range w.nodes {
		if p := w.procs[n]; p == nil || p.out || r.IntN(8) == 0 && (!w.gentle || w.enoughWithout(p.member)) {
			w.restart(n)
		}
	}
}

// live are the members that run and are not out.
func (w *mesh) live() []string {
	var ms []string
	for _, n := range w.nodes {
		if p := w.procs[n]; p != nil && !p.out {
			ms = append(ms, p.member)
		}
	}
	return ms
}

// lastView is the newest view that a live member holds, and its number.
func lastView(r *gmstest.Record, live []string) (int, []string) {
	newest, members := 0, []string(nil)
	for _, m := range live {
		if vs := r.Of[m].Views; len(vs) > 0 {
			v := vs[len(vs)-1]
			if k, _ := strconv.Atoi(v.View); k > newest {
				newest, members = k, v.Members
			}
		}
	}
	return newest, members
}
