package link

import (
	"container/heap"
	"time"
)

// item is one message, or the end of a connection, on its way.
type item struct {
	frame Frame
	kind  Kind
	num   uint64 // place in the stream, from 1
	// moment names it by when it was sent, for its chances.
	moment uint64
	due    time.Duration
	turn   uint64  // order among items with the same due time
	gates  []*gate // triggers that wait for this one to be handed on
	left   int     // while it waits to be overtaken: by how many more
	after  bool    // it was overtaken
}

// queue is items by due time, and by turn among equals.
type queue []*item

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].due != q[j].due {
		return q[i].due < q[j].due
	}
	return q[i].turn < q[j].turn
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for package heap.
func (q *queue) Push(x any) { *q = append(*q, x.(*item)) }

// Pop is for package heap.
func (q *queue) Pop() any {
	old := *q
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return it
}

func (q *queue) add(it *item) { heap.Push(q, it) }

func (q *queue) take() *item { return heap.Pop(q).(*item) }
