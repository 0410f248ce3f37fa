package world

import (
	"context"
	"sync"
	"time"
)

// maxWaiting is how many events of nodes may wait for the run loop before their
// readers are held back, and through the pipes the nodes themselves.
const maxWaiting = 1 << 14

// queue hands events from many goroutines to the run loop, in order.
type queue struct {
	mu      sync.Mutex
	room    sync.Cond
	events  []Event
	closed  bool
	arrived chan struct{} // one token while events is not empty

	batch []Event // taken, not yet returned; the run loop's own
}

func newQueue() *queue {
	q := &queue{arrived: make(chan struct{}, 1)}
	q.room.L = &q.mu
	return q
}

// put waits while the queue is full. After close it drops the event.
func (q *queue) put(e Event) {
	q.mu.Lock()
	for len(q.events) >= maxWaiting && !q.closed {
		q.room.Wait()
	}
	q.add(e)
}

// putNow never waits: it is for callers that hold what the run loop may want.
func (q *queue) putNow(e Event) {
	q.mu.Lock()
	q.add(e)
}

func (q *queue) add(e Event) {
	if !q.closed {
		q.events = append(q.events, e)
	}
	q.mu.Unlock()
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// Close lets waiting readers go; what they still bring is dropped.
func (q *queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.room.Broadcast()
}

func (q *queue) take() bool {
	if len(q.batch) > 0 {
		return true
	}
	q.mu.Lock()
	q.batch, q.events = q.events, q.batch[:0:0]
	q.mu.Unlock()
	q.room.Broadcast()
	return len(q.batch) > 0
}

// next waits for an event, at most for d; nil means that none came.
func (q *queue) next(ctx context.Context, d time.Duration) (Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !q.take() {
		if d <= 0 {
			return nil, nil
		}
		timer := time.NewTimer(d)
		defer timer.Stop()
		for !q.take() {
			select {
			case <-q.arrived:
			case <-timer.C:
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	e := q.batch[0]
	q.batch = q.batch[1:]
	return e, nil
}
