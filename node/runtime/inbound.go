package runtime

import (
	"bufio"
	"context"
	"net"
	"slices"
	"time"

	"groupy/node"
)

// accept takes connections until the listener is closed, and gives each a
// reader of its own.
func (w *tcp) accept(ctx context.Context) {
	defer w.wg.Done()
	for id := connID(1); ; id++ {
		conn, err := w.listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil { // out of file descriptors, say; others may pass
			w.p.Log.Error("cannot accept a connection", "error", err)
			pause(ctx, maxBackoff)
			continue
		}
		w.wg.Add(1)
		go w.receive(ctx, id, conn)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// receive reads one connection's frames until it ends. A frame that is no
// message of ours is logged and passed over.
func (w *tcp) receive(ctx context.Context, id connID, conn net.Conn) {
	defer w.wg.Done()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	r := bufio.NewReaderSize(conn, 64<<10)
	var buf []byte
	for {
		var err error
		if buf, err = node.ReadFrame(r, buf); err != nil {
			w.post(ctx, peerEnded{id, err})
			return
		}
		peer, err := w.wire.Parse(buf)
		if err != nil {
			w.p.Log.Warn("passing over a frame", "from", conn.RemoteAddr(), "error", err)
			continue
		}
		var raw []byte
		if w.recorder != nil {
			raw = slices.Clone(buf) // buf is for the next frame
		}
		if !w.post(ctx, fromPeer{id, peer, raw}) {
			return
		}
	}
}

// readStdin hands on the contract's lines, and their end.
func (w *tcp) readStdin(ctx context.Context, in *lineReader) {
	for {
		line, err := in.Next()
		if !w.post(ctx, fromStdin{slices.Clone(line), err}) || err != nil {
			return
		}
	}
}

// post gives the loop an event; false when the loop has ended.
func (w *tcp) post(ctx context.Context, e any) bool {
	select {
	case w.events <- e:
		return true
	case <-ctx.Done():
		return false
	}
}
