package link

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	minRead = 4 << 10  // a connection's first read buffer, bytes
	maxRead = 64 << 10 // what it grows to while reads fill it

	// maxBacklog is how many bytes wait in a stream before its sender is no
	// longer read from: then TCP slows the sender down.
	maxBacklog = 8 << 20
)

// half is one direction of a pipe. Its reader hands on by itself what passes
// freely; only what has to wait goes through the stream to a writer.
type half struct {
	pipe   *pipe
	other  *half
	stream *Stream
	framer framer        // the reader's
	writer sync.Once     // starts the writer
	wake   chan struct{} // there may be something to write
	room   chan struct{} // the backlog may have shrunk
	ended  atomic.Bool   // the end of the connection was passed on
	dead   atomic.Bool   // the receiving side is gone: what comes is thrown away
}

// bytesFrame is what goes over a socket: a frame with its length, or a part.
type bytesFrame struct {
	wire []byte
	kind Kind
}

// Bytes gives the payload.
func (f bytesFrame) Bytes() []byte {
	if f.kind == Whole {
		return f.wire[4:]
	}
	return f.wire
}

// Size counts the length prefix, too.
func (f bytesFrame) Size() int { return len(f.wire) }

// ending is the end of a connection on its way: by FIN, or by RST.
type ending struct{ reset bool }

// Bytes is nil: an ending has no text.
func (ending) Bytes() []byte { return nil }

// Size is 0.
func (ending) Size() int { return 0 }

func (h *half) init(p *pipe, other *half, from, to string) {
	h.pipe, h.other = p, other
	h.wake, h.room = make(chan struct{}, 1), make(chan struct{}, 1)
	h.stream = p.m.table.Open(from, to, h.changed)
}

// in is where the direction's bytes come from.
func (h *half) in() *net.TCPConn {
	src, dst := h.pipe.ends()
	if h == &h.pipe.forth {
		return src
	}
	return dst
}

// out is where they go; the receiver is dialled first if it was not yet. nil
// if it cannot be.
func (h *half) out() *net.TCPConn {
	src, dst := h.pipe.ends()
	if h == &h.pipe.back {
		return src
	}
	if dst == nil && h.pipe.connect() {
		_, dst = h.pipe.ends()
	}
	return dst
}

// changed follows what rules and triggers have done to the stream.
func (h *half) changed() {
	p := h.pipe
	if !p.ready.Load() {
		return // its reader has not started and will look for itself
	}
	if h.stream.Broken() {
		p.reset(true)
		return
	}
	cut := h.stream.Cut()
	if src, dst := p.ends(); h == &p.back {
		sever(src, cut)
	} else if dst != nil {
		sever(dst, cut)
	} else if !cut && p.untried() {
		p.m.start(func() { p.connect() })
	}
	kick(h.wake)
	kick(h.room)
}

// sever makes writes fail at once while a cut lasts, also one that is under way
// and waits for a receiver that does not read.
func sever(out *net.TCPConn, cut bool) {
	var deadline time.Time // none
	if cut {
		deadline = time.Unix(1, 0) // long past
	}
	_ = out.SetWriteDeadline(deadline) // fails only on a closed connection
}

// read carries the direction until its sender ends the connection.
func (h *half) read() {
	if h == &h.pipe.forth && !h.stream.Cut() {
		h.pipe.connect()
	}
	in := h.in()
	buf := make([]byte, minRead)
	for {
		n, err := in.Read(buf)
		if n > 0 && !h.dead.Load() {
			h.take(buf[:n])
		}
		if err != nil {
			h.finish(ending{reset: !errors.Is(err, io.EOF)})
			return
		}
		if n == len(buf) && n < maxRead {
			buf = make([]byte, 2*n)
		}
	}
}

// take handles what one read gave.
func (h *half) take(b []byte) {
	if h.stream.Plain() {
		whole := b
		if kept := h.framer.flush(); len(kept) > 0 {
			whole = append(kept, b...)
		}
		messages := h.framer.pass(b)
		if h.put(whole, messages) {
			h.stream.Count(messages, len(whole))
		}
		return
	}
	now := h.pipe.m.now()
	h.framer.split(b, func(part []byte, kind Kind) {
		h.stream.Send(bytesFrame{part, kind}, kind, now)
	})
	h.writes()
	for h.stream.Backlog() > maxBacklog {
		select {
		case <-h.room:
		case <-h.pipe.done:
			return
		}
	}
}

// finish sends the end of the connection behind all that came before it. It
// reports false if the direction has had its end.
func (h *half) finish(e ending) bool {
	if h.stream.Broken() {
		return false
	}
	first := h.stream.Finish(e, h.pipe.m.now())
	if first {
		h.writes()
	}
	return first
}

// writes makes the writer look for something to write.
func (h *half) writes() {
	h.writer.Do(func() { h.pipe.m.start(h.write) })
	kick(h.wake)
}

// write hands on what becomes due, until the end.
func (h *half) write() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var frames []Frame
	var scratch []byte
	for !h.ended.Load() {
		now := h.pipe.m.now()
		if frames = h.stream.Pop(frames[:0], now); len(frames) > 0 {
			var ok bool
			scratch, ok = h.hand(frames, scratch[:0])
			h.stream.Done(ok)
			kick(h.room)
			continue
		}
		var due <-chan time.Time
		if at, ok := h.stream.Next(); ok {
			timer.Reset(at - now)
			due = timer.C
		}
		select {
		case <-h.wake:
		case <-due:
		case <-h.pipe.done:
			return
		}
	}
}

// hand writes frames with one system call, and passes the end on if it is among
// them.
func (h *half) hand(frames []Frame, scratch []byte) ([]byte, bool) {
	ok := true
	for _, f := range frames {
		switch f := f.(type) {
		case bytesFrame:
			scratch = append(scratch, f.wire...)
		case ending:
			if ok = h.put(scratch, len(frames)-1); ok || h.dead.Load() {
				h.pass(f)
			} // else a cut came in between, and lost the end, too
			return scratch, ok
		}
	}
	return scratch, h.put(scratch, len(frames))
}

// put writes so many messages to the receiving side. That it is gone travels back
// as a reset; what a cut comes in between of is lost to it.
func (h *half) put(b []byte, messages int) bool {
	if len(b) == 0 {
		return true
	}
	if h.dead.Load() {
		return false
	}
	out := h.out()
	if out != nil {
		_, err := out.Write(b)
		if err == nil {
			return true
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if h.stream.Sever(messages); h.stream.Broken() { // the cut is over already
				h.pipe.reset(true)
			}
			return false
		}
	}
	h.dead.Store(true)
	if !h.other.finish(ending{reset: true}) && h.other.ended.Load() {
		h.pipe.reset(false)
	}
	return false
}

// pass passes the end of the connection on.
func (h *half) pass(e ending) {
	if e.reset || h.other.dead.Load() {
		h.pipe.reset(false)
		return
	}
	_, dst := h.pipe.ends()
	if h == &h.pipe.forth && dst == nil { // closed before anything had to be sent
		h.pipe.close()
		return
	}
	_ = h.out().CloseWrite() // an error means that it is closed already
	h.ended.Store(true)
	if h.other.ended.Load() {
		h.pipe.close()
	} else if h.other.dead.Load() {
		h.pipe.reset(false)
	}
}

// kick makes the other side of a one-place channel look, now or next time.
func kick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
