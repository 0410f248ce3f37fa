package virtual

import "time"

// moment is something that is to happen in virtual time. What happens at the
// same time is ordered by tie, a keyed choice, so that no removal of one moment
// changes the order of two others; what one key orders alike goes by seq.
type moment struct {
	at  time.Duration
	tie uint64
	seq uint64
	do  func(at time.Duration)
}

// moments is the future of a virtual world.
type moments struct {
	heap []moment
	seq  uint64
}

func (m *moments) add(at time.Duration, tie uint64, do func(at time.Duration)) {
	m.seq++
	m.push(moment{at: at, tie: tie, seq: m.seq, do: do})
}

func (m *moments) next() (at time.Duration, ok bool) {
	if len(m.heap) == 0 {
		return 0, false
	}
	return m.heap[0].at, true
}

// happen takes the next one out and has it take place.
func (m *moments) happen() {
	next := m.pop()
	next.do(next.at)
}

// The heap is written out, since package container/heap would allocate for each
// moment twice, and a run has millions.

func (m *moments) push(x moment) {
	m.heap = append(m.heap, x)
	h := m.heap
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !x.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = x
}

func (m *moments) pop() moment {
	h := m.heap
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = moment{}
	h = h[:len(h)-1]
	m.heap = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if right := down + 1; right < len(h) && h[right].before(&h[down]) {
			down = right
		}
		if !h[down].before(&last) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = last
	return first
}

func (a *moment) before(b *moment) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.tie != b.tie {
		return a.tie < b.tie
	}
	return a.seq < b.seq
}
