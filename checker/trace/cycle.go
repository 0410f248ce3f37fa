package trace

// Hop is one edge of a cycle: member q has thing from before thing to.
type Hop struct {
	Q        int
	From, To int32
}

// maxCycleWork bounds the search for a shorter cycle, in steps over logs.
const maxCycleWork = 1 << 26

// Cycle finds a cycle over logs that do not fit one order, as few hops as possible:
// a breadth-first search from each thing, as far as the work allows, then
// shortcuts until there is none. No event can be left out of what remains. The
// logs must hold each thing once at most.
func Cycle(logs [][]int32, things int) []Hop {
	holders := make([][]Place, things) // q: log, i: position
	total := 0
	for q, log := range logs {
		total += len(log)
		for i, x := range log {
			holders[x] = append(holders[x], Place{q, i})
		}
	}
	var best []Hop
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
func cycleThrough(start int32, logs [][]int32, holders [][]Place) []Hop {
	from := map[int32]Hop{} // how each thing was reached
	end := make([]int, len(logs))
	for q := range logs {
		end[q] = len(logs[q])
	}
	for level := []int32{start}; len(level) > 0; {
		var next []int32
		for _, x := range level {
			for _, h := range holders[x] {
				for i := h.I + 1; i < end[h.Q]; i++ {
					y := logs[h.Q][i]
					if y == start {
						return trail(Hop{h.Q, x, start}, start, from)
					}
					if _, seen := from[y]; !seen {
						from[y] = Hop{h.Q, x, y}
						next = append(next, y)
					}
				}
				end[h.Q] = min(end[h.Q], h.I+1)
			}
		}
		level = next
	}
	return nil
}

// trail walks back from the hop that closed the cycle.
func trail(last Hop, start int32, from map[int32]Hop) []Hop {
	hops := []Hop{last}
	for x := last.From; x != start; {
		h := from[x]
		hops = append([]Hop{h}, hops...)
		x = h.From
	}
	return hops
}

// shorten replaces runs of hops by a single one while some log allows it.
func shorten(hops []Hop, logs [][]int32, holders [][]Place) []Hop {
	before := func(a, b int32) (int, bool) {
		for _, x := range holders[a] {
			for _, y := range holders[b] {
				if x.Q == y.Q && x.I < y.I {
					return x.Q, true
				}
			}
		}
		return 0, false
	}
	for n := len(hops); n > 2; n = len(hops) {
		shorter := hops
		for i := range n {
			for skip := n - 1; skip >= 2; skip-- {
				a, b := hops[i].From, hops[(i+skip-1)%n].To
				if q, ok := before(a, b); ok && a != b {
					shorter = []Hop{{q, a, b}}
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
