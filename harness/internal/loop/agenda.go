package loop

import (
	"container/heap"
	"time"
)

// agenda holds what is due at a time. What is due at the same time happens in
// the order in which it was put there.
type agenda struct {
	items agendaHeap
	next  int
}

type agendaItem struct {
	at  time.Duration
	seq int
	do  func()
}

func (a *agenda) add(at time.Duration, do func()) {
	heap.Push(&a.items, agendaItem{at: at, seq: a.next, do: do})
	a.next++
}

// first is the time of the earliest item, or the given time if that is earlier.
func (a *agenda) first(or time.Duration) time.Duration {
	if len(a.items) > 0 && a.items[0].at < or {
		return a.items[0].at
	}
	return or
}

// due takes the earliest item that is due at now; nil if there is none.
func (a *agenda) due(now time.Duration) func() {
	if len(a.items) == 0 || a.items[0].at > now {
		return nil
	}
	return heap.Pop(&a.items).(agendaItem).do
}

type agendaHeap []agendaItem

func (h agendaHeap) Len() int { return len(h) }
func (h agendaHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h agendaHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *agendaHeap) Push(x any)   { *h = append(*h, x.(agendaItem)) }
func (h *agendaHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
