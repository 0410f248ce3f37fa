package runtime

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/machine"
)

// readable is how many bytes the kernel holds for a reader right now.
func readable(t *testing.T, conn net.Conn) (n int) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Read(func(fd uintptr) bool {
		n, _, _ = syscall.Recvfrom(int(fd), make([]byte, 1<<16), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return max(n, 0)
}

// witness is a stdout that notes what had left by the time of each write.
type witness struct {
	note func() string
	seen []string
}

func (w *witness) Write(p []byte) (int, error) {
	w.seen = append(w.seen, fmt.Sprintf("%d lines, %s", strings.Count(string(p), "\n"), w.note()))
	return len(p), nil
}

func TestThePenKeepsTheOrderAcrossPlaces(t *testing.T) {
	peers := map[string]*outbound{}
	conns := map[string]net.Conn{}
	for _, name := range []string{"n2", "n3"} {
		l := listen(t, "127.0.0.1:0")
		o := runOutbound(t, l.Addr().String())
		o.Write(numbered(0, 0))
		conns[name] = l.accept()
		if _, err := readNumber(t, conns[name]); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the connection to be free", func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.conn != nil && len(o.queue) == 0
		})
		peers[name] = o
	}
	frame := len(`0000{"src":"n1","dest":"n2","body":{"type":"gms","from":"n1.1","to":"n2.1","m":"x"}}`)
	out := &witness{note: func() string {
		return fmt.Sprintf("%d and %d sent", readable(t, conns["n2"])/frame, readable(t, conns["n3"])/frame)
	}}
	p := pen{wire: machine.Wire{Node: "n1", Member: "n1.1"}, stdout: out, peers: peers, log: hclog.NewNullLogger()}
	line := &machine.Line{Dest: node.Harness, Body: node.Head{Type: "unblock"}}
	to := func(member string) machine.Send { return machine.Send{To: member, Message: someMessage("x")} }

	p.line(line)
	p.send(to("n2.1"))
	p.send(to("n3.1"))
	p.send(to("n9.1")) // has no address
	p.send(to("n2.1"))
	p.send(to("n2.1"))
	p.line(line)
	p.line(line)
	p.send(to("n3.1"))
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	want := "[1 lines, 0 and 0 sent 2 lines, 3 and 1 sent]"
	if got := fmt.Sprint(out.seen); got != want {
		t.Errorf("stdout saw %s, want %s", got, want)
	}
	if a, b := readable(t, conns["n2"])/frame, readable(t, conns["n3"])/frame; a != 3 || b != 2 {
		t.Errorf("%d and %d frames left in the end, want 3 and 2", a, b)
	}
}

func TestABrokenStdoutEndsTheNode(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("nobody reads")
	_ = r.CloseWithError(broken)
	p := pen{wire: machine.Wire{Node: "n1", Member: "n1.1"}, stdout: w, log: hclog.NewNullLogger()}
	p.line(&machine.Line{Dest: node.Harness, Body: node.Head{Type: "unblock"}})
	if err := p.flush(); !errors.Is(err, broken) {
		t.Errorf("flush gives %v", err)
	}
}

// someMessage is a message that is nothing but its kind.
type someMessage string

func (someMessage) Kind() string { return "x" }
