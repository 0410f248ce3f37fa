package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"groupy/node"
	"groupy/node/draw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

func TestMeshCarriesMessagesInOrder(t *testing.T) {
	w := newWorld(t, "n1", "n2", "n3")
	a, b := w.dial("n1", "n2"), w.dial("n1", "n3")
	for i := range 1000 {
		send(t, a, fmt.Sprint("a", i))
		send(t, b, fmt.Sprint("b", i))
	}
	for i := range 1000 {
		w.expect("n1", "n2", fmt.Sprint("a", i))
		w.expect("n1", "n3", fmt.Sprint("b", i))
	}
	until(t, "all is counted", func() bool { return w.mesh.Counters("n1", "n2").Passed == 1001 })
}

func TestCutIsSilentAndHealingResetsWhatLost(t *testing.T) {
	w := newWorld(t, "n1", "n2", "n3")
	lossy, whole := w.dial("n1", "n2"), w.dial("n3", "n2")
	send(t, lossy, "m1")
	w.expect("n1", "n2", "m1")
	send(t, whole, "k1")
	w.expect("n3", "n2", "k1")

	w.mesh.SetRule("cut", "n1", "n2", Rule{Cut: true})
	w.mesh.SetRule("cut", "n3", "n2", Rule{Cut: true})
	send(t, lossy, "m2", "m3")
	until(t, "the cut has lost two", func() bool { return w.mesh.Counters("n1", "n2").Cut == 2 })
	late := w.dial("n1", "n2") // accepted, and its hello is lost
	until(t, "the hello is lost", func() bool { return w.mesh.Counters("n1", "n2").Cut == 3 })
	if n := w.mesh.Counters("n1", "n2").Resets; n != 0 {
		t.Fatalf("%d resets during the cut, want none", n)
	}

	w.mesh.ClearRules("cut")
	for _, c := range []net.Conn{lossy, late} {
		if err := endOf(t, c); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a connection that lost something ends with %v, want a reset", err)
		}
	}
	if r := w.next("n1", "n2"); r.err == nil || errors.Is(r.err, io.EOF) {
		t.Errorf("the receiver sees %q, %v; want a reset", r.text, r.err)
	}
	if n := w.mesh.Counters("n1", "n2").Resets; n != 2 {
		t.Errorf("%d resets, want 2", n)
	}
	send(t, whole, "k2")
	w.expect("n3", "n2", "k2")
	send(t, w.dial("n1", "n2"), "m4")
	w.expect("n1", "n2", "m4")
}

func TestCutWithholdsTheEnd(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	c := w.dial("n1", "n2")
	send(t, c, "m1")
	w.expect("n1", "n2", "m1")
	w.mesh.SetRule("cut", "n1", "n2", Rule{Cut: true})
	c.Close()
	other := w.dial("n1", "n2") // when this is lost, the end has been read, too
	until(t, "the hello is lost", func() bool { return w.mesh.Counters("n1", "n2").Cut == 1 })
	other.Close()
	w.silent("n1", "n2")
	w.mesh.ClearRules("cut")
	if r := w.next("n1", "n2"); r.err == nil || errors.Is(r.err, io.EOF) {
		t.Errorf("the receiver sees %q, %v; want a reset", r.text, r.err)
	}
}

func TestEndComesBehindWhatIsDelayed(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	c := w.dial("n1", "n2")
	w.mesh.SetRule("slow", "n1", "n2", Rule{Delay: 20 * time.Millisecond})
	send(t, c, "m1", "m2")
	c.Close()
	w.expect("n1", "n2", "m1", "m2")
	if r := w.next("n1", "n2"); !errors.Is(r.err, io.EOF) {
		t.Errorf("the receiver sees %q, %v; want a clean end", r.text, r.err)
	}
}

func TestOneWayCutLetsTheOtherDirectionPass(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	there, back := w.dial("n1", "n2"), w.dial("n2", "n1")
	w.mesh.SetRule("cut", "n1", "n2", Rule{Cut: true})
	send(t, there, "m1")
	send(t, back, "m2")
	w.expect("n2", "n1", "m2")
	until(t, "m1 is lost", func() bool { return w.mesh.Counters("n1", "n2").Cut > 0 })
}

func TestDeadReceiverIsSeenUnlessCut(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	c := w.dial("n1", "n2")
	send(t, c, "m1")
	w.expect("n1", "n2", "m1")
	w.kill("n2")
	w.next("n1", "n2") // its own end of the connection
	if err := endOf(t, c); err == nil {
		t.Error("the sender does not learn that the receiver is dead")
	}
	again, err := net.Dial("tcp4", w.mesh.Addr("n1", "n2"))
	if err == nil { // else the reset came before the connection was used
		err = endOf(t, again)
		again.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("with nobody listening the sender sees %v, want a reset", err)
	}
	if n := w.mesh.Counters("n1", "n2").Refused; n != 1 {
		t.Errorf("%d refused, want 1", n)
	}
	w.listen("n2")
	send(t, w.dial("n1", "n2"), "m2")
	w.expect("n1", "n2", "m2")
}

// The receiver ends its direction in good order, and dies later: the sender
// must still learn that.
func TestReceiverThatDiesAfterAHalfClose(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w.mesh.SetTarget("n2", l.Addr().String())
	c := w.dial("n1", "n2")
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := endOf(t, c); !errors.Is(err, io.EOF) {
		t.Fatalf("the half-close arrives as %v", err)
	}
	abort(in.(*net.TCPConn))
	until(t, "the sender cannot send", func() bool {
		_, err := c.Write(node.AppendFrame(nil, []byte("m")))
		return err != nil
	})
}

func TestResetLink(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	there, back := w.dial("n1", "n2"), w.dial("n2", "n1")
	send(t, there, "m1")
	w.expect("n1", "n2", "m1")
	w.mesh.ResetLink("n1", "n2")
	if err := endOf(t, there); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the sender sees %v, want a reset", err)
	}
	send(t, back, "m2")
	w.expect("n2", "n1", "m2")
	if n := w.mesh.Counters("n1", "n2").Resets; n != 1 {
		t.Errorf("%d resets, want 1", n)
	}
}

func TestGateStopsASenderMidMulticast(t *testing.T) {
	for round := range 20 {
		w := newWorld(t, "n1", "n2", "n3", "n4")
		conns := []*net.TCPConn{w.dial("n1", "n2"), w.dial("n1", "n3"), w.dial("n1", "n4")}
		fired := make(chan struct{})
		w.mesh.Arm(Gate{ID: "g", From: "n1", Token: "m7", Pass: []string{"n2", "n3"}}, func() { close(fired) })
		for i := range 10 {
			for _, c := range conns {
				send(t, c, fmt.Sprintf(`{"msg":"m%d","not":"m77"}`, i))
			}
		}
		select {
		case <-fired:
		case <-time.After(patience):
			t.Fatalf("round %d: the gate does not fire", round)
		}
		for _, c := range conns {
			c.Close()
		}
		w.mesh.Release("g", true)
		for _, to := range []string{"n2", "n3", "n4"} {
			last := 7
			if to == "n4" {
				last = 6
			}
			for i := range last + 1 {
				w.expect("n1", to, fmt.Sprintf(`{"msg":"m%d","not":"m77"}`, i))
			}
			if r := w.next("n1", to); !errors.Is(r.err, io.EOF) {
				t.Fatalf("round %d: %s sees %q, %v after m%d; want the end", round, to, r.text, r.err, last)
			}
		}
		send(t, w.dial("n1", "n4"), "m7") // the next incarnation is free
		w.expect("n1", "n4", "m7")
		w.mesh.Close()
	}
}

func TestGateReleasedToGoOn(t *testing.T) {
	w := newWorld(t, "n1", "n2", "n3")
	a, b := w.dial("n1", "n2"), w.dial("n1", "n3")
	fired := make(chan struct{})
	w.mesh.Arm(Gate{ID: "g", From: "n1", Token: "m1", Pass: []string{"n2"}}, func() { close(fired) })
	send(t, b, "m0", "m1", "m2")
	send(t, a, "m0", "m1", "m2")
	<-fired
	w.expect("n1", "n2", "m0", "m1")
	w.expect("n1", "n3", "m0")
	w.silent("n1", "n2")
	w.silent("n1", "n3")
	w.mesh.Release("g", false)
	w.expect("n1", "n2", "m2")
	w.expect("n1", "n3", "m1", "m2")
	send(t, b, "m1")
	w.expect("n1", "n3", "m1")
}

// echo is a protocol without frames that answers each line on the same
// connection.
func TestUnframedRequestAndResponse(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w.mesh.SetTarget("n2", l.Addr().String())
	w.wg.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
	})
	c, err := net.Dial("tcp4", w.mesh.Addr("n1", "n2"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(text string) {
		t.Helper()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, len(text))
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != text {
			t.Fatalf("answer %q, %v, want %q", answer, err, text)
		}
	}
	ask("\x00\x15N") // the beginning of what could be a long frame
	ask("hello\n")
	w.mesh.SetRule("d", "n1", "n2", Rule{Drop: 1})
	w.mesh.Arm(Gate{ID: "g", From: "n1", Token: "once", Pass: nil}, func() {})
	ask("more than once\n")
	if n := w.mesh.Counters("n1", "n2"); n.Unframed == 0 || n.Dropped != 0 {
		t.Errorf("counted %+v, want nothing dropped and the unframed said", n)
	}
	w.mesh.ClearRules("d")
	w.mesh.Release("g", false)
	w.mesh.SetRule("r", "n2", "n1", Rule{Cut: true})
	if _, err := io.WriteString(c, "gone"); err != nil {
		t.Fatal(err)
	}
	until(t, "the answer is lost", func() bool { return w.mesh.Counters("n2", "n1").Cut > 0 })
	w.mesh.ClearRules("r")
	if err := endOf(t, c); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after a lost answer the connection ends with %v, want a reset", err)
	}
}
