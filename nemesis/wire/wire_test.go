package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"groupy/nemesis/link"
	"groupy/node/draw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plug is a device in memory.
type plug struct {
	sends    chan []byte
	receives chan []byte
	closed   chan struct{}
	once     sync.Once
}

func (p *plug) Read(b []byte) (int, error) {
	select {
	case packet := <-p.sends:
		return copy(b, packet), nil
	case <-p.closed:
		return 0, io.EOF
	}
}

func (p *plug) Write(b []byte) (int, error) {
	select {
	case <-p.closed:
		return 0, io.ErrClosedPipe
	case p.receives <- bytes.Clone(b):
		return len(b), nil
	}
}

func (p *plug) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// bench is a wire with nodes n1, n2 … at 10.7.0.1, 10.7.0.2 …
type bench struct {
	*Wire
	t     *testing.T
	plugs map[string]*plug
}

func newBench(t *testing.T, n int) *bench {
	t.Helper()
	began := time.Now()
	var nodes []Node
	for i := range n {
		nodes = append(nodes, Node{fmt.Sprint("n", i+1), netip.AddrFrom4([4]byte{10, 7, 0, byte(i + 1)})})
	}
	b := &bench{t: t, plugs: map[string]*plug{}}
	b.Wire = New(link.NewTable(draw.New("wire")), nodes, func() time.Duration { return time.Since(began) }, nil)
	for _, node := range nodes {
		b.plug(node.Name)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) plug(name string) {
	p := &plug{make(chan []byte, 1<<12), make(chan []byte, 1<<12), make(chan struct{}), sync.Once{}}
	b.plugs[name] = p
	if err := b.Plug(name, p); err != nil {
		b.t.Fatal(err)
	}
}

// packet is a datagram between nodes by their numbers.
func packet(from, to int, text string) []byte {
	b := make([]byte, ipv4Header+8, ipv4Header+8+len(text))
	b[0], b[9] = 0x45, protoUDP
	copy(b[12:], []byte{10, 7, 0, byte(from)})
	copy(b[16:], []byte{10, 7, 0, byte(to)})
	b = append(b, text...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// send has a node send a datagram, and waits until the wire has taken it.
func (b *bench) send(from, to int, text string) {
	b.plugs[fmt.Sprint("n", from)].sends <- packet(from, to, text)
	synctest.Wait()
}

// heard is what a node has received since it was asked last.
func (b *bench) heard(node int) (texts []string) {
	synctest.Wait()
	for {
		select {
		case p := <-b.plugs[fmt.Sprint("n", node)].receives:
			texts = append(texts, string(payload(p)))
		default:
			return texts
		}
	}
}

func (b *bench) expect(node int, want ...string) {
	b.t.Helper()
	if got := b.heard(node); fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("n%d received %q, want %q", node, got, want)
	}
}

func TestPacketsPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 3)
		b.send(1, 2, "a")
		b.send(2, 1, "b")
		b.send(1, 3, "c")
		b.send(1, 2, "d")
		b.expect(1, "b")
		b.expect(2, "a", "d")
		b.expect(3, "c")
		want := link.Counters{Passed: 2, Bytes: 58}
		if got := b.Counters("n1", "n2"); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

func TestWhatGoesToNobodyIsStray(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.send(1, 9, "another network")
		b.send(1, 1, "itself")
		b.plugs["n1"].sends <- []byte{0x60, 0, 0, 0, 0, 0, 0, 0} // IPv6
		b.plugs["n1"].sends <- nil
		synctest.Wait()
		b.expect(2)
		if got := b.Stray(); got != 4 {
			t.Errorf("%d stray packets, want 4", got)
		}
	})
}

func TestACutLosesWhatIsSentAndWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.SetRule("slow", "n1", "n2", link.Rule{Delay: time.Hour})
		b.send(1, 2, "on its way")
		b.SetRule("cut", "n1", "n2", link.Rule{Cut: true})
		b.ClearRules("slow")
		b.send(1, 2, "cut off")
		b.send(2, 1, "the other way")
		b.expect(2)
		b.expect(1, "the other way")
		b.ClearRules("cut")
		b.send(1, 2, "healed")
		b.expect(2, "healed")
		if got := b.Counters("n1", "n2"); got.Cut != 2 || got.Passed != 1 || got.Resets != 0 {
			t.Errorf("counted %+v, want 2 cut, 1 passed, no reset", got)
		}
	})
}

// slow is a device that takes a packet only when it is let.
type slow struct {
	plug
	entered, let chan struct{}
}

func (p *slow) Write(b []byte) (int, error) {
	p.entered <- struct{}{}
	<-p.let
	return len(b), nil
}

// TestNothingPassesOnceACutHolds: SetRule waits for the packet that is being handed
// on, and Unplug does.
func TestNothingPassesOnceACutHolds(t *testing.T) {
	for name, cut := range map[string]func(b *bench){
		"SetRule": func(b *bench) { b.SetRule("cut", "n1", "n2", link.Rule{Cut: true}) },
		"Unplug":  func(b *bench) { b.Unplug("n1") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 2)
			receiver := &slow{plug{closed: make(chan struct{})}, make(chan struct{}), make(chan struct{})}
			if err := b.Plug("n2", receiver); err != nil {
				t.Fatal(err)
			}
			b.plugs["n1"].sends <- packet(1, 2, "x")
			<-receiver.entered
			held := make(chan struct{})
			go func() {
				cut(b)
				close(held)
			}()
			select {
			case <-held:
				t.Error("it holds while a packet is being handed on")
			case <-time.After(50 * time.Millisecond): // time enough to go wrong in; it cannot do so later
			}
			close(receiver.let)
			<-held
		})
	}
}

func TestPacketsAreLateByTheirDueTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.SetRule("slow", "n1", "n2", link.Rule{Delay: 100 * time.Millisecond})
		for i := range 3 { // three within 20 ms: each is as late as the others
			b.send(1, 2, fmt.Sprint(i))
			time.Sleep(10 * time.Millisecond)
		}
		b.expect(2)
		time.Sleep(75 * time.Millisecond) // 105 ms after the first
		b.expect(2, "0")
		time.Sleep(20 * time.Millisecond)
		b.expect(2, "1", "2")
		if got := b.Counters("n1", "n2").Delayed; got != 3 {
			t.Errorf("%d delayed, want 3", got)
		}
	})
}

func TestAQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.SetRule("slow", "n1", "n2", link.Rule{Delay: time.Hour})
		text := string(make([]byte, 1<<15))
		for range 2 * maxQueue / len(text) {
			b.send(1, 2, text)
		}
		got := b.Counters("n1", "n2")
		if most := int64(maxQueue / len(text)); got.Delayed > most || got.Delayed < most-1 || got.Overrun != 2*most-got.Delayed {
			t.Errorf("counted %+v, want %d waiting at most and the rest counted", got, most)
		}
		b.ClearRules("slow")
		if n := len(b.heard(2)); int64(n) != got.Delayed {
			t.Errorf("%d arrive in the end, want %d", n, got.Delayed)
		}
	})
}

// TestChancesAreTheSeedsAlone: the same packets under the same rule meet the same
// fate, whatever another fault does.
func TestChancesAreTheSeedsAlone(t *testing.T) {
	fate := func(t *testing.T, other bool) (texts []string) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, 2)
			if other {
				b.SetRule("other", "n1", "n2", link.Rule{Delay: time.Millisecond})
			}
			b.SetRule("drop", "n1", "n2", link.Rule{Drop: 0.3})
			for i := range 100 {
				b.send(1, 2, fmt.Sprint(i))
			}
			time.Sleep(time.Second)
			texts = b.heard(2)
			if got := b.Counters("n1", "n2").Dropped; got != int64(100-len(texts)) || got == 0 || got == 100 {
				t.Errorf("%d dropped, %d arrived", got, len(texts))
			}
		})
		return texts
	}
	first := fate(t, false)
	if again := fate(t, true); fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("another fault changes who is lost:\n%v\n%v", first, again)
	}
}

func TestUnpluggedNodesAreSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		old := b.plugs["n1"]
		b.Unplug("n1")
		old.sends <- packet(1, 2, "from the dead")
		b.send(2, 1, "to the dead")
		b.expect(2)
		if got := b.Counters("n2", "n1"); got.Refused != 1 || got.Passed != 0 {
			t.Errorf("counted %+v, want 1 refused", got)
		}
		b.plug("n1")
		b.send(1, 2, "alive")
		b.send(2, 1, "welcome")
		b.expect(2, "alive")
		b.expect(1, "welcome")
	})
}

// TestATriggerStopsItsSender: the packet with the token goes to whom it may, what
// is behind it and what goes to others waits; let go, it arrives in order.
func TestATriggerStopsItsSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 3)
		fired := 0
		b.Arm(link.Gate{ID: "g", From: "n1", Token: "m7", Pass: []string{"n2"}}, func() { fired++ })
		for _, text := range []string{"m6", "m7", "m8"} {
			b.send(1, 2, text)
			b.send(1, 3, text)
		}
		b.send(2, 1, "m7 of another")
		b.expect(2, "m6", "m7")
		b.expect(3, "m6")
		b.expect(1, "m7 of another")
		if fired != 1 {
			t.Errorf("it fired %d times, want once", fired)
		}
		b.Release("g", false)
		b.expect(2, "m8")
		b.expect(3, "m7", "m8")
	})
}

// TestWhatATriggerHeldOfTheDeadNeverComes: neither as it was held, nor sent again
// by the dead sender's kernel; its next process is heard.
func TestWhatATriggerHeldOfTheDeadNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		say := func(from int, p []byte) {
			b.plugs[fmt.Sprint("n", from)].sends <- p
			synctest.Wait()
		}
		say(1, tcp(one, two, flagSYN, 99, 0, ""))
		say(2, tcp(two, one, flagSYN|flagACK, 499, 100, ""))
		say(1, tcp(one, two, flagACK, 100, 500, "before"))
		b.Arm(link.Gate{ID: "g", From: "n1", Token: "m7"}, func() {})
		m7 := tcp(one, two, flagACK, 106, 500, "m7")
		say(1, m7)
		b.expect(2, "", "before")
		b.Release("g", true)
		if got := b.heard(2); len(got) < 1 || got[0] != "" { // the RST
			t.Errorf("n2 received %q, want a RST", got)
		}
		say(1, m7) // sent again
		b.expect(2)
		if got := b.Counters("n1", "n2").Lost; got != 1 {
			t.Errorf("%d lost, want 1", got)
		}
		say(1, tcp(one, two, flagSYN, 9000, 0, ""))
		say(1, tcp(one, two, flagACK, 9001, 0, "m7 anew"))
		b.expect(2, "", "m7 anew")
	})
}

func TestAResetEndsTheOpenersConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		for _, p := range [][]byte{tcp(one, two, flagSYN, 99, 0, ""), tcp(one, two, flagACK, 100, 500, "text")} {
			b.plugs["n1"].sends <- p
			synctest.Wait()
			b.plugs["n2"].sends <- tcp(two, one, flagSYN|flagACK, 499, 100, "")
			synctest.Wait()
		}
		b.heard(1)
		b.heard(2)
		b.ResetLink("n2", "n1") // it has opened none
		b.expect(1)
		b.ResetLink("n1", "n2")
		if len(b.heard(1)) == 0 || len(b.heard(2)) == 0 {
			t.Error("an end has no RST")
		}
		if b.Counters("n1", "n2").Resets != 1 || b.Counters("n2", "n1").Resets != 0 {
			t.Errorf("counted %+v, want one reset", b.Counters("n1", "n2"))
		}
	})
}

func TestAClosedWireTakesNobody(t *testing.T) {
	b := newBench(t, 1)
	for range 2 { // idempotent
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := b.Plug("n1", &plug{}); err == nil {
		t.Error("a node is plugged in")
	}
	if err := newBench(t, 1).Plug("n9", &plug{}); err == nil {
		t.Error("a node that is not there is plugged in")
	}
}
