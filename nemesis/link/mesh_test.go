package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"groupy/node"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// A receiver that does not read (it may be paused) blocks its link. A cut must
// hold all the same, and not when the receiver reads again.
func TestCutHoldsOnALinkThatIsFull(t *testing.T) {
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
	defer in.Close()
	frame := node.AppendFrame(nil, make([]byte, 1<<20))
	sent := make(chan int, 1)
	go func() { // until everything between the two is full, and its connection is reset
		n := 0
		for {
			if _, err := c.Write(frame); err != nil {
				sent <- n
				return
			}
			n++
		}
	}()
	full := func() bool { // no byte has moved for a while
		before := w.mesh.Counters("n1", "n2").Passed
		time.Sleep(50 * time.Millisecond)
		return before > 0 && w.mesh.Counters("n1", "n2").Passed == before
	}
	until(t, "the link is full", full)
	w.mesh.SetRule("cut", "n1", "n2", Rule{Cut: true})
	until(t, "the cut has lost something", func() bool { return w.mesh.Counters("n1", "n2").Cut > 1 })
	passed := w.mesh.Counters("n1", "n2").Passed
	w.wg.Go(func() { _, _ = io.Copy(io.Discard, struct{ io.Reader }{in}) })
	lost := w.mesh.Counters("n1", "n2").Cut
	until(t, "more is lost", func() bool { return w.mesh.Counters("n1", "n2").Cut > lost+10 })
	if n := w.mesh.Counters("n1", "n2").Passed; n != passed {
		t.Errorf("%d messages passed the cut", n-passed)
	}
	w.mesh.ClearRules("cut")
	<-sent // the sender was reset
	if n := w.mesh.Counters("n1", "n2").Resets; n != 1 {
		t.Errorf("%d resets, want 1", n)
	}
}

func TestCutWithholdsTheEnd(t *testing.T) {
	w := newWorld(t, "n1", "n2")
	c := w.dial("n1", "n2")
	send(t, c, "m1")
	w.expect("n1", "n2", "m1")
	w.mesh.SetRule("cut", "n1", "n2", Rule{Cut: true})
	send(t, c, "m2")
	c.Close()
	until(t, "m2 is lost", func() bool { return w.mesh.Counters("n1", "n2").Cut == 1 })
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
