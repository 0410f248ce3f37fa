package gms

// gms5Tally counts messages by origin. An origin's come many in a row, so the count
// asked for last is at hand.
type gms5Tally struct {
	counts map[string]*int
	origin string
	count  *int // of origin
}

func gms5TallyOf(counts map[string]int) gms5Tally {
	t := gms5Tally{counts: make(map[string]*int, len(counts))}
	for origin, n := range counts {
		t.counts[origin] = &n
	}
	return t
}

// of is the count of one origin, to be read or changed; 0 if it is new.
func (t *gms5Tally) of(origin string) *int {
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
