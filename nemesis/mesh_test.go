package nemesis_test

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/nemesis/nemesistest"
	"groupy/node"
	"groupy/node/draw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every fault on links keeps its contract on real sockets, too.
func TestLinkFaultsKeepTheirContractOnSockets(t *testing.T) {
	for _, f := range nemesis.Faults {
		s := nemesis.Active{Step: nemesis.Step{ID: "f", Fault: f.Name}}
		f.Plan(draw.New("kind").At(1), roster(5), &s.Step)
		if s.Target != "" {
			continue // acts on processes, which this world does not have
		}
		t.Run(f.Name, func(t *testing.T) {
			nemesistest.Contract(t, f, func(t *testing.T) nemesistest.World { return newSockets(t, 4) })
		})
	}
}

// sockets is a world whose nodes talk over a real mesh. Their processes are
// those of the virtual world.
type sockets struct {
	*nemesistest.Virtual
	t     *testing.T
	mesh  *link.Mesh
	wires map[[2]string]*wire
}

// wire is what one node has open to another.
type wire struct {
	conn net.Conn
	dead chan struct{} // closed when the connection has ended
	sent int64         // since Talk began
	got  atomic.Int64  // ever, over all connections
}

const patience = 20 * time.Second

func newSockets(t *testing.T, n int) *sockets {
	began := time.Now()
	w := &sockets{Virtual: nemesistest.NewVirtual(n), t: t, wires: map[[2]string]*wire{}}
	mesh, err := link.NewMesh(link.NewTable(draw.New("sockets")), w.Nodes(), func() time.Duration { return time.Since(began) })
	if err != nil {
		t.Fatal(err)
	}
	w.mesh = mesh
	var wg sync.WaitGroup
	var ends []net.Listener
	for _, to := range w.Nodes() {
		for _, from := range w.Nodes() {
			if from != to {
				w.wires[[2]string{from, to}] = &wire{}
			}
		}
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, l)
		mesh.SetTarget(to, l.Addr().String())
		wg.Go(func() { w.serve(&wg, l, to) })
	}
	t.Cleanup(func() {
		for _, l := range ends {
			l.Close()
		}
		for _, x := range w.wires {
			if x.conn != nil {
				x.conn.Close()
				<-x.dead
			}
		}
		mesh.Close()
		wg.Wait()
	})
	return w
}

// serve counts what others send to a node; each message names its sender.
func (w *sockets) serve(wg *sync.WaitGroup, l net.Listener, to string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		wg.Go(func() {
			defer c.Close()
			for {
				from, err := node.ReadFrame(c, nil)
				if err != nil {
					return
				}
				w.wires[[2]string{string(from), to}].got.Add(1)
			}
		})
	}
}

// dial connects anew if need be.
func (w *sockets) dial(pair [2]string) *wire {
	x := w.wires[pair]
	if x.conn != nil {
		select {
		case <-x.dead:
			x.conn.Close()
		default:
			return x
		}
	}
	c, err := net.Dial("tcp4", w.mesh.Addr(pair[0], pair[1]))
	if err != nil {
		w.t.Fatal(err)
	}
	x.conn, x.dead = c, make(chan struct{})
	go func() {
		defer close(x.dead)
		_, _ = c.Read(make([]byte, 1)) // nothing comes back; it ends with the connection
	}()
	return x
}

func (w *sockets) Talk(n int) map[[2]string]int {
	before := map[[2]string]link.Counters{}
	had := map[[2]string]int64{}
	for pair := range w.wires {
		before[pair], had[pair] = w.Counters(pair[0], pair[1]), w.wires[pair].got.Load()
		x := w.dial(pair)
		x.sent = int64(n)
		for range n {
			if _, err := x.conn.Write(node.AppendFrame(nil, []byte(pair[0]))); err != nil {
				break // reset meanwhile
			}
		}
	}
	heard := map[[2]string]int{}
	for pair, x := range w.wires {
		w.await(pair, x, before[pair], had[pair])
		heard[pair] = int(x.got.Load() - had[pair])
	}
	return heard
}

// await waits until every message of the talk is accounted for, or its
// connection is gone.
func (w *sockets) await(pair [2]string, x *wire, was link.Counters, had int64) {
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		now := w.Counters(pair[0], pair[1])
		passed := now.Passed - was.Passed
		gone := passed + now.Cut - was.Cut + now.Dropped - was.Dropped
		if gone == x.sent+now.Duplicated-was.Duplicated && passed == x.got.Load()-had {
			return
		}
		select {
		case <-x.dead:
			return
		default:
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%v: sent %d, received %d, counted %+v after %+v", pair, x.sent, x.got.Load()-had, now, was)
		}
	}
}

func (w *sockets) SetRule(id, from, to string, r link.Rule) { w.mesh.SetRule(id, from, to, r) }
func (w *sockets) ClearRules(id string)                     { w.mesh.ClearRules(id) }
func (w *sockets) ResetLink(from, to string)                { w.mesh.ResetLink(from, to) }
func (w *sockets) Counters(from, to string) link.Counters   { return w.mesh.Counters(from, to) }
