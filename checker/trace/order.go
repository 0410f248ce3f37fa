package trace

// Orders over things that several members put in a row: messages delivered, views
// installed. A log is one member's row.

// Fits reports whether one order of all things fits all logs at once, that is,
// whether no cycle arises. It merges the logs: a thing is next when every log that
// still holds it has it in front. A thing that comes twice in a log with another
// between fits no order. Linear in the length of the logs.
func Fits(logs [][]int32, things int) bool {
	left := make([]int32, things) // occurrences not merged yet, neighbours taken as one
	for _, log := range logs {
		for i, x := range log {
			if i == 0 || log[i-1] != x {
				left[x]++
			}
		}
	}
	var (
		at     = make([]int, len(logs))
		front  = make([]int32, things) // logs that have the thing in front
		waits  = make([]int32, things) // first of those logs, plus 1
		next   = make([]int32, len(logs))
		ready  []int32
		behind = 0 // logs not merged to the end
	)
	advance := func(l int) {
		if at[l] == len(logs[l]) {
			behind--
			return
		}
		x := logs[l][at[l]]
		next[l], waits[x] = waits[x], int32(l)+1
		if front[x]++; front[x] == left[x] {
			ready = append(ready, x)
		}
	}
	for l := range logs {
		behind++
		advance(l)
	}
	for len(ready) > 0 {
		x := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		l := waits[x]
		for l != 0 {
			log, follower := logs[l-1], next[l-1]
			for at[l-1] < len(log) && log[at[l-1]] == x {
				at[l-1]++
			}
			advance(int(l - 1))
			l = follower
		}
	}
	return behind == 0
}

// Inversion is a pair of things that two members have in opposite orders: p has a
// before b, q has b before a.
type Inversion struct {
	P, Q int
	A, B int32
}

// Inversions finds one inversion for every two logs that have one. The logs must
// hold each thing once at most. Linear in the length of the logs times their
// number.
func Inversions(logs [][]int32, things int) []Inversion {
	var found []Inversion
	pos := make([]int32, things) // in q's log, plus 1
	for q := range logs {
		if len(logs[q]) < 2 {
			continue
		}
		for i, x := range logs[q] {
			pos[x] = int32(i) + 1
		}
		for p := range q {
			var last int32 = None // the thing before, of those that q has too
			for _, x := range logs[p] {
				if pos[x] == 0 {
					continue
				}
				if last != None && pos[x] < pos[last] {
					found = append(found, Inversion{p, q, last, x})
					break
				}
				last = x
			}
		}
		for _, x := range logs[q] {
			pos[x] = 0
		}
	}
	return found
}
