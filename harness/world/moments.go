package world

import (
	"container/heap"
	"time"
)

// moment is something that is to happen in virtual time. What happens at the
// same time is ordered by tie, a keyed choice, so that no removal of one moment
// changes the order of two others; what one key orders alike goes by seq.
type moment struct {
	at  time.Duration
	tie uint64
	seq uint64
	do  func()
}

// moments is the future of a virtual world.
type moments struct {
	heap momentHeap
	seq  uint64
}

func (m *moments) add(at time.Duration, tie uint64, do func()) {
	m.seq++
	heap.Push(&m.heap, moment{at: at, tie: tie, seq: m.seq, do: do})
}

func (m *moments) next() (at time.Duration, ok bool) {
	if len(m.heap) == 0 {
		return 0, false
	}
	return m.heap[0].at, true
}

func (m *moments) take() func() { return heap.Pop(&m.heap).(moment).do }

type momentHeap []moment

func (h momentHeap) Len() int { return len(h) }

func (h momentHeap) Less(i, j int) bool {
	a, b := &h[i], &h[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.tie != b.tie {
		return a.tie < b.tie
	}
	return a.seq < b.seq
}
func (h momentHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *momentHeap) Push(x any)   { *h = append(*h, x.(moment)) }
func (h *momentHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = moment{}
	*h = old[:len(old)-1]
	return last
}
