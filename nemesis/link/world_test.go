package link

import (
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"groupy/node"
	"groupy/node/draw"
)

// patience bounds how long a test waits for what must come; it is never the
// measure of anything.
const patience = 20 * time.Second

// world is a mesh with a listener per node. What a node receives is sorted by
// who sent it: the first frame of a connection names the sender.
type world struct {
	t    testing.TB
	mesh *Mesh
	got  map[[2]string]chan received
	mu   sync.Mutex
	ins  map[string][]net.Conn
	ends map[string]net.Listener
	wg   sync.WaitGroup
}

type received struct {
	text string
	err  error
}

func newWorld(t testing.TB, nodes ...string) *world {
	t.Helper()
	began := time.Now()
	mesh, err := NewMesh(NewTable(draw.New("mesh")), nodes, func() time.Duration { return time.Since(began) })
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, mesh: mesh, got: map[[2]string]chan received{}, ins: map[string][]net.Conn{},
		ends: map[string]net.Listener{},
	}
	for _, to := range nodes {
		for _, from := range nodes {
			w.got[[2]string{from, to}] = make(chan received, 1<<16)
		}
		w.listen(to)
	}
	t.Cleanup(func() {
		mesh.Close()
		for _, n := range nodes {
			w.kill(n)
		}
		w.wg.Wait()
	})
	return w
}

func (w *world) listen(node string) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.ends[node] = l
	w.mu.Unlock()
	w.mesh.SetTarget(node, l.Addr().String())
	w.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.ins[node] = append(w.ins[node], c)
			w.mu.Unlock()
			w.wg.Go(func() { w.receive(node, c) })
		}
	})
}

func (w *world) receive(to string, c net.Conn) {
	defer c.Close()
	hello, err := node.ReadFrame(c, nil)
	if err != nil {
		return
	}
	got := w.got[[2]string{string(hello), to}]
	for {
		b, err := node.ReadFrame(c, nil)
		got <- received{string(b), err}
		if err != nil {
			return
		}
	}
}

// kill closes a node's listener and what others have connected to it.
func (w *world) kill(node string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends[node].Close()
	for _, c := range w.ins[node] {
		c.Close()
	}
	w.ins[node] = nil
}

// dial connects and says hello.
func (w *world) dial(from, to string) *net.TCPConn {
	w.t.Helper()
	c, err := net.Dial("tcp4", w.mesh.Addr(from, to))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	send(w.t, c, from)
	until(w.t, "the link has taken the connection", func() bool {
		return slices.ContainsFunc(w.mesh.open(), func(p *pipe) bool {
			return p.src.RemoteAddr().String() == c.LocalAddr().String()
		})
	})
	return c.(*net.TCPConn)
}

func send(t testing.TB, c net.Conn, texts ...string) {
	t.Helper()
	var b []byte
	for _, text := range texts {
		b = node.AppendFrame(b, []byte(text))
	}
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
}

// next is what arrived next.
func (w *world) next(from, to string) received {
	w.t.Helper()
	select {
	case r := <-w.got[[2]string{from, to}]:
		return r
	case <-time.After(patience):
		w.t.Fatalf("nothing arrived from %s at %s", from, to)
		return received{}
	}
}

func (w *world) expect(from, to string, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if r := w.next(from, to); r.text != text || r.err != nil {
			w.t.Fatalf("%s received %q (%v) from %s, want %q", to, r.text, r.err, from, text)
		}
	}
}

// silent fails if something has arrived.
func (w *world) silent(from, to string) {
	w.t.Helper()
	select {
	case r := <-w.got[[2]string{from, to}]:
		w.t.Fatalf("%s received %q (%v) from %s, want nothing", to, r.text, r.err, from)
	default:
	}
}

// until waits for a condition.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// endOf is how a connection that brings no more data ends: io.EOF or ECONNRESET.
func endOf(t testing.TB, c net.Conn) error {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	return err
}
