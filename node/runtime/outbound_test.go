package runtime

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
)

// receiver is a peer that takes connections and reads frames when asked.
type receiver struct {
	t *testing.T
	net.Listener
}

// listen gives a peer whose receive buffer is small, so that a sender fills it.
func listen(t *testing.T, addr string) receiver {
	t.Helper()
	small := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		cerr := c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 64<<10)
		})
		if cerr != nil {
			return cerr
		}
		return err
	}}
	l, err := small.Listen(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return receiver{t, l}
}

func (r receiver) accept() net.Conn {
	r.t.Helper()
	conn, err := r.Accept()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	return conn
}

// runOutbound starts the way to a peer, for as long as the test lasts.
func runOutbound(t *testing.T, addr string) *outbound {
	t.Helper()
	o := newOutbound(addr, hclog.NewNullLogger(), time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Add(1)
	go o.run(ctx, &wg)
	t.Cleanup(func() { cancel(); wg.Wait() })
	return o
}

func numbered(n, size int) []byte {
	payload := make([]byte, max(size, 4))
	binary.BigEndian.PutUint32(payload, uint32(n))
	return node.AppendFrame(nil, payload)
}

func readNumber(t *testing.T, conn net.Conn) (int, error) {
	t.Helper()
	payload, err := node.ReadFrame(conn, nil)
	if err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint32(payload)), nil
}

func TestWhatIsSentBeforeThePeerListensArrives(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	addr := l.Addr().String()
	_ = l.Close()
	o := runOutbound(t, addr)
	for i := range 100 {
		o.Write(numbered(i, 0))
	}
	conn := listen(t, addr).accept()
	for i := range 100 {
		if n, err := readNumber(t, conn); n != i || err != nil {
			t.Fatalf("frame %d: %d, %v", i, n, err)
		}
	}
}

func TestWhatTheKernelDoesNotTakeWaitsInOrder(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	o := runOutbound(t, l.Addr().String())
	const count, size = 700, 10_000 // 7 MB: more than both kernels hold, less than may wait
	o.Write(numbered(0, size))
	conn := l.accept()
	waited := false
	for i := 1; i < count; i++ {
		o.Write(numbered(i, size))
		o.mu.Lock()
		waited = waited || o.queued > 0
		o.mu.Unlock()
	}
	if !waited {
		t.Error("nothing ever waited, so the test shows nothing")
	}
	for i := range count {
		if n, err := readNumber(t, conn); n != i || err != nil {
			t.Fatalf("frame %d: %d, %v", i, n, err)
		}
	}
}

func TestTooMuchWaitingDropsTheConnection(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	o := runOutbound(t, l.Addr().String())
	const size = 100_000
	o.Write(numbered(0, size))
	first := l.accept()
	for i := 1; i < 400; i++ { // 40 MB
		o.Write(numbered(i, size))
	}
	read := 0
	for n, err := readNumber(t, first); err == nil; n, err = readNumber(t, first) {
		if n != read {
			t.Fatalf("frame %d where %d belongs", n, read)
		}
		read++
	}
	if read == 400 {
		t.Fatal("everything arrived, so nothing was bounded")
	}
	second := l.accept() // what came after the overflow, from some number on
	n, err := readNumber(t, second)
	if err != nil || n <= read {
		t.Fatalf("the next connection begins with %d (%v), %d were read on the first", n, err, read)
	}
}

// Who ends does not wait for a peer that is frozen.
func TestAPeerThatDoesNotReadHoldsNoEndUp(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	o := newOutbound(l.Addr().String(), hclog.NewNullLogger(), time.Now)
	var wg sync.WaitGroup
	wg.Add(1)
	go o.run(ctx, &wg)
	o.Write(numbered(0, 32<<20)) // more than the kernel takes
	l.accept()
	waitFor(t, "the write to begin", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.begun
	})
	cancel()
	ended := make(chan struct{})
	go func() { wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the way to the peer does not end")
	}
}

func TestABrokenConnectionLosesWhatWasWrittenAndNoMore(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	o := runOutbound(t, l.Addr().String())
	o.Write(numbered(0, 0))
	first := l.accept()
	if n, err := readNumber(t, first); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	_ = first.(*net.TCPConn).SetLinger(0) // a reset
	_ = first.Close()
	waitFor(t, "the sender to notice", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.conn == nil
	})
	for i := 1; i <= 100; i++ {
		o.Write(numbered(i, 0))
	}
	second := l.accept()
	for i := 1; i <= 100; i++ {
		if n, err := readNumber(t, second); n != i || err != nil {
			t.Fatalf("frame %d: %d, %v", i, n, err)
		}
	}
}

// asKilled makes this test binary a process that writes to two peers and is
// killed right after.
const asKilled = "GROUPY_TEST_AS_KILLED"

func TestWhatWasWrittenSurvivesSIGKILL(t *testing.T) {
	a, b := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asKilled+"="+a.Addr().String()+" "+b.Addr().String(), "GOMAXPROCS=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toA, toB := a.accept(), b.accept()
	_ = cmd.Wait()
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Fatalf("the process ended with %v, not by SIGKILL", cmd.ProcessState)
	}
	for i := range 3 { // frame 0 made the connection; 1 and 2 were written just before the kill
		for _, conn := range []net.Conn{toA, toB} {
			if n, err := readNumber(t, conn); n != i || err != nil {
				t.Fatalf("frame %d: %d, %v", i, n, err)
			}
		}
	}
}

// writeAndDie is the process of asKilled. With one processor, no goroutine gets a
// turn between the last write and the kill.
func writeAndDie(addrs string) {
	var out []*outbound
	for _, addr := range strings.Fields(addrs) {
		o := newOutbound(addr, hclog.NewNullLogger(), time.Now)
		go o.run(context.Background(), &sync.WaitGroup{})
		o.Write(numbered(0, 0))
		for standing := false; !standing; runtime.Gosched() {
			o.mu.Lock()
			standing = o.conn != nil && len(o.queue) == 0
			o.mu.Unlock()
		}
		out = append(out, o)
	}
	for i := 1; i < 3; i++ {
		for _, o := range out {
			o.Write(numbered(i, 0))
		}
	}
	fmt.Fprintln(os.Stderr, syscall.Kill(os.Getpid(), syscall.SIGKILL))
}
