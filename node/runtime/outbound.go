package runtime

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The limits of one peer's outbound side.
const (
	maxQueued   = 8 << 20 // bytes of frames that wait for a peer
	dialTimeout = time.Second
	minBackoff  = 5 * time.Millisecond // between two connections to a peer, doubled up to maxBackoff
	maxBackoff  = 200 * time.Millisecond
)

// outbound is the way to one peer: one connection, dialled when there is
// something to send and dialled again after it broke.
//
// What can be written is written by the caller itself, by one attempt that never
// blocks: once write has returned, the kernel has the bytes, also if this process
// is killed next. What the kernel does not take waits in a queue, in order, which
// a goroutine drains; so does what is sent while there is no connection.
//
// A broken connection loses what was written to it, and the rest of the run of
// frames that was being written. What waits behind goes out on the next
// connection. If more than maxQueued bytes would wait, everything that waits is
// lost, and the connection is closed, so that the peer sees an end and not a gap;
// it is logged. A single run may be larger than that.
type outbound struct {
	addr string
	log  hclog.Logger
	now  func() time.Time
	work chan struct{} // has a token when the queue has grown

	mu     sync.Mutex
	conn   net.Conn // nil: none
	raw    syscall.RawConn
	queue  [][]byte // runs of whole frames; a run stays until it is written
	begun  bool     // writing queue[0] on conn has begun
	queued int      // bytes in queue
	closed bool

	pause   time.Duration // the draining goroutine's: least time to the next dial
	dialled time.Time     // of the last one
}

func newOutbound(addr string, log hclog.Logger, now func() time.Time) *outbound {
	return &outbound{addr: addr, log: log, now: now, work: make(chan struct{}, 1), pause: minBackoff}
}

// Write sends a run of whole frames. It does not block and keeps no reference.
func (o *outbound) Write(frames []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	begun := false
	if o.conn != nil && len(o.queue) == 0 {
		n := o.attempt(frames)
		if n == len(frames) {
			return
		}
		frames, begun = frames[n:], n > 0
	}
	if o.queued > 0 && o.queued+len(frames) > maxQueued {
		o.log.Warn("too much waits for a peer, dropping it and the connection",
			"bytes", o.queued+len(frames), "limit", maxQueued)
		o.drop()
		return
	}
	o.begun = o.begun || begun
	o.queue = append(o.queue, append([]byte(nil), frames...))
	o.queued += len(frames)
	select {
	case o.work <- struct{}{}:
	default:
	}
}

// attempt is one system call. It tells nothing of a broken connection; the
// connection's watcher does.
func (o *outbound) attempt(b []byte) (n int) {
	err := o.raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), b)
		return true
	})
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// drop gives up the connection and everything that waits. mu is held.
func (o *outbound) drop() {
	if o.conn != nil {
		_ = o.conn.Close()
	}
	o.conn, o.raw, o.queue, o.queued, o.begun = nil, nil, nil, 0, false
}

// lost forgets a connection that broke, and the run that was begun on it.
func (o *outbound) lost(conn net.Conn, cause error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = conn.Close()
	if o.conn != conn {
		return
	}
	o.conn, o.raw = nil, nil
	if o.begun {
		o.pop()
	}
	o.log.Debug("connection to a peer broke", "cause", cause, "waiting", len(o.queue))
}

// pop takes the first run out of the queue. mu is held.
func (o *outbound) pop() {
	o.queued -= len(o.queue[0])
	o.queue = o.queue[1:]
	o.begun = false
}

// run dials and drains until ctx ends; it is one goroutine, counted in wg.
func (o *outbound) run(ctx context.Context, wg *sync.WaitGroup) {
	defer wg.Done()
	defer o.Close()
	// A peer that does not read holds a write up for as long as it is frozen; only
	// the connection's end ends that.
	stop := context.AfterFunc(ctx, o.Close)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.work:
		}
		for o.drain(ctx, wg) {
			if ctx.Err() != nil {
				return
			}
		}
	}
}

// Close ends the connection for good.
func (o *outbound) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.drop()
}

// drain writes the first run that waits, or dials if there is no connection. It
// is false when nothing waits.
func (o *outbound) drain(ctx context.Context, wg *sync.WaitGroup) bool {
	o.mu.Lock()
	if len(o.queue) == 0 {
		o.mu.Unlock()
		return false
	}
	conn, first := o.conn, o.queue[0]
	o.begun = conn != nil
	o.mu.Unlock()

	if conn == nil {
		o.dial(ctx, wg)
		return true
	}
	if _, err := conn.Write(first); err != nil {
		o.lost(conn, err)
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn == conn {
		o.pop()
	}
	return true
}

// dial tries once, after the pause that is due. The pause grows with each dial
// and starts anew when the last one was long ago, so that a peer, or a link, that
// accepts and resets at once is not hammered.
func (o *outbound) dial(ctx context.Context, wg *sync.WaitGroup) {
	since := o.now().Sub(o.dialled)
	if since > 2*maxBackoff {
		o.pause = minBackoff
	}
	if wait := o.pause - since; wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
	o.pause = min(2*o.pause, maxBackoff)
	o.dialled = o.now()
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", o.addr)
	if err != nil {
		o.log.Debug("cannot reach a peer", "error", err)
		return
	}
	o.adopt(conn, wg)
}

// adopt makes conn the connection, and watches it: the peer never sends on it,
// so that a read ends only when the connection does.
func (o *outbound) adopt(conn net.Conn, wg *sync.WaitGroup) {
	raw, err := conn.(*net.TCPConn).SyscallConn()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || err != nil {
		_ = conn.Close()
		return
	}
	o.conn, o.raw = conn, raw
	wg.Add(1)
	go func() {
		defer wg.Done()
		_, err := conn.Read(make([]byte, 1))
		o.lost(conn, err)
	}()
}
