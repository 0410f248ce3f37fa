package runtime

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
)

// tcp is the real world: sockets, framed, and the wall clock. One loop owns the
// machine; what else runs only waits for bytes, and hands whole events to the
// loop.
type tcp struct {
	p        Process
	m        *Machine
	wire     Wire
	listener net.Listener
	peers    map[string]*outbound
	events   chan any // fromStdin, fromPeer, peerEnded
	arrivals *arrivals
	timers   timers
	began    time.Time
	pen      pen
	wg       sync.WaitGroup
}

// Events of the loop.
type (
	fromStdin struct {
		line []byte
		err  error // the end, if not nil
	}
	fromPeer struct {
		conn connID
		peer Peer
	}
	peerEnded struct {
		conn  connID
		cause error
	}
)

// eventBacklog is how many events may wait for the loop before those who bring
// them do.
const eventBacklog = 256

// newTCP listens, and takes the addresses of the peers; it dials nobody yet.
func newTCP(p Process, in node.Init, m *Machine) (*tcp, error) {
	w := &tcp{
		p: p, m: m, wire: m.Wire(),
		peers:    map[string]*outbound{},
		events:   make(chan any, eventBacklog),
		arrivals: newArrivals(),
		began:    p.Now(),
	}
	for name, addr := range in.Peers {
		if name != in.NodeID {
			w.peers[name] = newOutbound(addr, p.Log.With("peer", name), p.Now)
		}
	}
	w.pen = pen{wire: w.wire, stdout: p.Stdout, peers: w.peers, log: p.Log}
	l, err := net.Listen("tcp", in.Listen)
	if err != nil {
		return nil, fmt.Errorf("init.listen: %w", err)
	}
	w.listener = l
	return w, nil
}

// run is the world's life. Everything that it started has ended when it
// returns, but for the goroutine that reads stdin.
func (w *tcp) run(in *lineReader) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer func() {
		cancel()
		_ = w.listener.Close()
		w.wg.Wait()
	}()
	w.wg.Add(1 + len(w.peers))
	for _, o := range w.peers {
		go o.run(ctx, &w.wg)
	}
	go w.accept(ctx)
	go w.readStdin(ctx, in)
	return w.loop()
}

// loop handles one event at a time: whatever has arrived, then the timers that
// have run out by then.
func (w *tcp) loop() error {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		select {
		case e := <-w.events:
			if err := w.handle(e); err != nil {
				return err
			}
		case <-alarm.C:
		}
		for id, ok := w.timers.expired(w.now()); ok; id, ok = w.timers.expired(w.now()) {
			if err := w.step(Timer{id}); err != nil {
				return err
			}
		}
		if _, due, any := w.timers.next(); any {
			alarm.Reset(due - w.now())
		}
	}
}

// now is the time since the node's start, as the core counts it.
func (w *tcp) now() time.Duration { return w.p.Now().Sub(w.began) }

func (w *tcp) handle(e any) error {
	switch e := e.(type) {
	case fromStdin:
		return w.stdin(e)
	case fromPeer:
		counts, closedFirst := w.arrivals.frame(e.conn, e.peer.From)
		if closedFirst {
			name, _ := node.SplitMember(e.peer.From)
			w.p.Log.Info("a newer process of a peer has come up", "peer", name, "member", e.peer.From)
			if err := w.step(Closed{name}); err != nil {
				return err
			}
		}
		if !counts {
			w.p.Log.Trace("dropped a message of an older process or connection", "from", e.peer.From)
			return nil
		}
		return w.step(e.peer)
	case peerEnded:
		name, closed := w.arrivals.ended(e.conn)
		w.p.Log.Debug("inbound connection ended", "peer", name, "closed", closed, "cause", e.cause)
		if closed {
			return w.step(Closed{name})
		}
		return nil
	}
	panic(fmt.Sprintf("runtime: unknown event %T", e))
}

func (w *tcp) stdin(e fromStdin) error {
	if e.err != nil {
		return e.err
	}
	line, refusal := readLine(e.line, w.wire.node)
	if refusal != nil {
		w.pen.line(*refusal)
		return w.pen.flush()
	}
	return w.step(line.Request)
}

// step gives the machine one input and performs the outputs, in order.
func (w *tcp) step(in Input) error {
	for _, o := range w.m.Step(w.now(), in) {
		switch o := o.(type) {
		case Line:
			w.pen.line(o)
		case Send:
			w.pen.send(o)
		case SetTimer:
			w.timers.start(o.ID, w.now()+o.After)
		case CancelTimer:
			w.timers.cancel(o.ID)
		case Log:
			w.p.Log.Log(hclogLevel(o.Level), o.Text)
		case Exit:
			if err := w.pen.flush(); err != nil {
				return err
			}
			return errExit{o.Code}
		default:
			panic(fmt.Sprintf("runtime: unknown output %T", o))
		}
	}
	return w.pen.flush()
}

func hclogLevel(l Level) hclog.Level {
	switch l {
	case Trace:
		return hclog.Trace
	case Debug:
		return hclog.Debug
	case Info:
		return hclog.Info
	case Warn:
		return hclog.Warn
	}
	return hclog.Error
}
