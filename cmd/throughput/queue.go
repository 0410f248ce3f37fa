package main

import "sync"

// queue hands over what has gathered since the last time, all at once: the busier
// the reader, the larger what it gets. It is not bounded; the messages outstanding
// are.
type queue[T any] struct {
	mu    sync.Mutex
	some  sync.Cond
	items []T
	spare []T
}

func newQueue[T any]() *queue[T] {
	q := new(queue[T])
	q.some.L = &q.mu
	return q
}

func (q *queue[T]) put(items ...T) {
	if len(items) == 0 {
		return
	}
	q.mu.Lock()
	q.items = append(q.items, items...)
	q.mu.Unlock()
	q.some.Signal()
}

// take waits for something. What it gives is valid until the next take, by the
// one reader that a queue has.
func (q *queue[T]) take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		q.some.Wait()
	}
	taken := q.items
	clear(q.spare[:cap(q.spare)])
	q.items, q.spare = q.spare[:0], taken
	return taken
}
