package gms5

// tally counts messages by origin. An origin's come many in a row, so the count
// asked for last is at hand.
type tally struct {
	counts map[string]*int
	origin string
	count  *int // of origin
}

func tallyOf(counts map[string]int) tally {
	t := tally{counts: make(map[string]*int, len(counts))}
	for origin, n := range counts {
		t.counts[origin] = &n
	}
	return t
}

// of is the count of one origin, to be read or changed; 0 if it is new.
func (t *tally) of(origin string) *int {
	if t.count != nil && t.origin == origin {
		return t.count
	}
	n := t.counts[origin]
	if n == nil {
		n = new(int)
		t.counts[origin] = n
	}
	t.origin, t.count = origin, n
	return n
}
