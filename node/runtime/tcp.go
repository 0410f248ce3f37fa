package runtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/machine"
	"groupy/node/recording"
	"groupy/node/stable"
)

// tcp is the real world: sockets, framed, and the wall clock. One loop owns the
// machine; what else runs only waits for bytes, and hands whole events to the
// loop.
type tcp struct {
	p        Process
	m        *machine.Machine
	wire     machine.Wire
	listener net.Listener
	peers    map[string]*outbound
	events   chan any // fromStdin, fromPeer, peerEnded
	arrivals *arrivals
	timers   machine.Timers
	began    time.Time
	last     time.Duration // of the last step
	pen      pen
	recorder *recording.Recorder // nil: nothing is recorded
	disk     *stable.Store       // nil: nothing is kept
	unsynced bool                // and something waits to be
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
		peer machine.Peer
		raw  []byte // its envelope; only if it is recorded
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
func newTCP(p Process, in node.Init, m *machine.Machine) (*tcp, error) {
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
	if m.Setup.Record {
		if w.recorder, err = recording.NewRecorder(in, w.began); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	if m.Durable() {
		if err := w.restore(in); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
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
		w.recorder.Close()
		w.closeDisk()
	}()
	w.wg.Add(1 + len(w.peers))
	for _, o := range w.peers {
		go o.run(ctx, &w.wg)
	}
	go w.accept(ctx)
	go w.readStdin(ctx, in)
	return w.loop()
}

// The limits of one batch: events, and bytes of outputs that wait for its end.
const (
	maxBatch      = 256
	maxBatchBytes = 1 << 20
)

// loop handles one batch at a time: whatever has arrived, then the timers that have
// run out by then. Then its outputs leave; the busier the node, the larger the batch.
func (w *tcp) loop() error {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		if err := w.checkpoint(); err != nil {
			return err
		}
		select {
		case e := <-w.events:
			if err := w.handleAll(e); err != nil {
				return err
			}
		case <-alarm.C:
		}
		for id, ok := w.timers.Expired(w.now()); ok; id, ok = w.timers.Expired(w.now()) {
			if err := w.step(recording.InputTimer, []byte(id), machine.Timer{ID: id}); err != nil {
				return err
			}
		}
		if err := w.leave(); err != nil {
			return err
		}
		if _, due, any := w.timers.Next(); any {
			alarm.Reset(due - w.now())
		}
	}
}

// now is the time since the node's start, as the core counts it.
func (w *tcp) now() time.Duration { return w.p.Now().Sub(w.began) }

// handleAll handles an event and those that are waiting already.
func (w *tcp) handleAll(e any) error {
	for n := 1; ; n++ {
		if err := w.handle(e); err != nil || n == maxBatch || len(w.pen.buf) >= maxBatchBytes {
			return err
		}
		select {
		case e = <-w.events:
		default:
			return nil
		}
	}
}

func (w *tcp) handle(e any) error {
	switch e := e.(type) {
	case fromStdin:
		return w.stdin(e)
	case fromPeer:
		counts, closedFirst := w.arrivals.frame(e.conn, e.peer.From)
		if closedFirst {
			name, _ := node.SplitMember(e.peer.From)
			w.p.Log.Info("a newer process of a peer has come up", "peer", name, "member", e.peer.From)
			if err := w.step(recording.InputClosed, []byte(name), machine.Closed{Node: name}); err != nil {
				return err
			}
		}
		if !counts {
			w.p.Log.Trace("dropped a message of an older process or connection", "from", e.peer.From)
			return nil
		}
		return w.step(recording.InputPeer, e.raw, e.peer)
	case peerEnded:
		name, closed := w.arrivals.ended(e.conn)
		w.p.Log.Debug("inbound connection ended", "peer", name, "closed", closed, "cause", e.cause)
		if closed {
			return w.step(recording.InputClosed, []byte(name), machine.Closed{Node: name})
		}
		return nil
	}
	panic(fmt.Sprintf("runtime: unknown event %T", e))
}

func (w *tcp) stdin(e fromStdin) error {
	if e.err != nil {
		return e.err
	}
	line, refusal := machine.ReadLine(e.line, w.wire.Node)
	if refusal != nil {
		return w.perform(w.tick(), recording.InputLine, e.line, []machine.Output{refusal})
	}
	return w.step(recording.InputLine, e.line, line.Request)
}

// step gives the machine one input, which came as raw.
func (w *tcp) step(kind recording.InputKind, raw []byte, in machine.Input) error {
	now := w.tick()
	return w.perform(now, kind, raw, w.m.Step(now, in))
}

// tick is the time of a step. It is what a recording and a line of a virtual
// world can tell, whole microseconds, and more with each step, so that the times
// alone tell the order of a recorded process's inputs.
func (w *tcp) tick() time.Duration {
	w.last = max(w.now().Truncate(time.Microsecond), w.last+time.Microsecond)
	return w.last
}

// perform carries out the outputs of one input, in order. What others can see
// leaves with its batch, when all of that is recorded.
func (w *tcp) perform(now time.Duration, kind recording.InputKind, raw []byte, outs []machine.Output) error {
	w.recorder.Begin(now, kind, raw)
	var exit error
	for _, o := range outs {
		var written []byte
		switch o := o.(type) {
		case *machine.Line:
			written = w.pen.line(o)
		case machine.Send:
			written = w.pen.send(o)
		case machine.SetTimer:
			w.timers.Start(o.ID, w.now()+o.After)
		case machine.CancelTimer:
			w.timers.Cancel(o.ID)
		case machine.Log:
			w.p.Log.Log(hclogLevel(o.Level), o.Text)
		case machine.Persist:
			w.Write(o)
		case machine.Exit:
			exit = errExit{o.Code}
		default:
			panic(fmt.Sprintf("runtime: unknown output %T", o))
		}
		w.recorder.Effect(o, written)
	}
	if err := w.recorder.Commit(); err != nil {
		return err
	}
	if exit != nil {
		if err := w.leave(); err != nil {
			return err
		}
	}
	return exit
}

func hclogLevel(l machine.Level) hclog.Level {
	switch l {
	case machine.Trace:
		return hclog.Trace
	case machine.Debug:
		return hclog.Debug
	case machine.Info:
		return hclog.Info
	case machine.Warn:
		return hclog.Warn
	}
	return hclog.Error
}
