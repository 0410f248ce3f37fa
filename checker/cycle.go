package checker

// hop is one edge of a cycle: member q has thing from before thing to.
type hop struct {
	q        int
	from, to int32
}

// maxCycleWork bounds the search for a shorter cycle, in steps over logs.
const maxCycleWork = 1 << 26

// cycle finds a cycle over logs that do not fit one order, as few hops as possible:
// a breadth-first search from each thing, as far as the work allows, then
// shortcuts until there is none. No event can be left out of what remains. The
// logs must hold each thing once at most.
func cycle(logs [][]int32, things int) []hop {
	holders := make([][]place, things) // q: log, i: position
	total := 0
	for q, log := range logs {
		total += len(log)
		for i, x := range log {
			holders[x] = append(holders[x], place{q, i})
		}
	}
	var best []hop
	for start, work := int32(0), 0; int(start) < things && work < maxCycleWork; start++ {
		if len(holders[start]) < 2 {
			continue
		}
		found := cycleThrough(start, logs, holders)
		if found != nil && (best == nil || len(found) < len(best)) {
			best = found
		}
		if len(best) == 3 { // shorter ones are inversions
			break
		}
		work += total
	}
	return shorten(best, logs, holders)
}

// cycleThrough is the shortest cycle through start, or nil. One hop leads from a
// thing to all that come after it in a log, so that each log needs to be read once
// only, from its end down to the earliest position reached.
func cycleThrough(start int32, logs [][]int32, holders [][]place) []hop {
	from := map[int32]hop{} // how each thing was reached
	end := make([]int, len(logs))
	for q := range logs {
		end[q] = len(logs[q])
	}
	for level := []int32{start}; len(level) > 0; {
		var next []int32
		for _, x := range level {
			for _, h := range holders[x] {
				for i := h.i + 1; i < end[h.q]; i++ {
					y := logs[h.q][i]
					if y == start {
						return trail(hop{h.q, x, start}, start, from)
					}
					if _, seen := from[y]; !seen {
						from[y] = hop{h.q, x, y}
						next = append(next, y)
					}
				}
				end[h.q] = min(end[h.q], h.i+1)
			}
		}
		level = next
	}
	return nil
}

// trail walks back from the hop that closed the cycle.
func trail(last hop, start int32, from map[int32]hop) []hop {
	hops := []hop{last}
	for x := last.from; x != start; {
		h := from[x]
		hops = append([]hop{h}, hops...)
		x = h.from
	}
	return hops
}

// shorten replaces runs of hops by a single one while some log allows it.
func shorten(hops []hop, logs [][]int32, holders [][]place) []hop {
	before := func(a, b int32) (int, bool) {
		for _, x := range holders[a] {
			for _, y := range holders[b] {
				if x.q == y.q && x.i < y.i {
					return x.q, true
				}
			}
		}
		return 0, false
	}
	for n := len(hops); n > 2; n = len(hops) {
		shorter := hops
		for i := range n {
			for skip := n - 1; skip >= 2; skip-- {
				a, b := hops[i].from, hops[(i+skip-1)%n].to
				if q, ok := before(a, b); ok && a != b {
					shorter = []hop{{q, a, b}}
					for k := i + skip; k < i+n; k++ {
						shorter = append(shorter, hops[k%n])
					}
					break
				}
			}
			if len(shorter) < n {
				break
			}
		}
		if len(shorter) == n {
			return hops
		}
		hops = shorter
	}
	return hops
}
