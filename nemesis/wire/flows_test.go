package wire

import (
	"net/netip"
	"testing"
)

func everyFlow(netip.Addr) bool { return true }

// see shows packets to f, all of which are to be carried.
func see(t *testing.T, f *flows, packets ...[]byte) {
	t.Helper()
	for i, p := range packets {
		s, ok := parseTCP(p)
		if !ok {
			t.Fatalf("packet %d is no TCP", i)
		}
		if carry, answer := f.see(s); !carry || answer != nil {
			t.Fatalf("packet %d is not carried, answer %v", i, answer)
		}
	}
}

// established is a connection from one to two over which "ping" and "pong" went.
func established(t *testing.T) *flows {
	f := &flows{}
	see(t, f,
		tcp(one, two, flagSYN, 99, 0, ""),
		tcp(two, one, flagSYN|flagACK, 499, 100, ""),
		tcp(one, two, flagACK, 100, 500, "ping"),
		tcp(two, one, flagACK, 500, 104, "pong"),
		tcp(one, two, flagACK, 104, 504, ""),
	)
	return f
}

func TestBothEndsOfAConnectionAreReset(t *testing.T) {
	f := established(t)
	see(t, f, tcp(two, one, flagACK, 504, 104, "more")) // not acknowledged yet
	resets, n := f.doom(everyFlow)
	if n != 1 {
		t.Fatalf("%d connections, want 1", n)
	}
	got := map[netip.AddrPort][]uint32{}
	for _, r := range resets {
		s, _ := parseTCP(r)
		if s.flags != flagRST {
			t.Errorf("flags %#x, want RST", s.flags)
		}
		got[s.to] = append(got[s.to], s.sequence)
	}
	// One end has acknowledged up to 504 and may have had all up to 508.
	if len(got[one]) != 2 || got[one][0] != 504 || got[one][1] != 508 || len(got[two]) != 1 || got[two][0] != 104 {
		t.Errorf("numbers %v, want 504 and 508 to the opener, 104 to the other", got)
	}
	if again, n := f.doom(everyFlow); n != 0 || again != nil {
		t.Error("a connection is reset twice")
	}
}

// TestWhoGoesOnIsToldAgain: an end that did not take the RST learns of it with its
// next packet, by the number that this packet says it waits for.
func TestWhoGoesOnIsToldAgain(t *testing.T) {
	f := established(t)
	f.doom(everyFlow)
	s, _ := parseTCP(tcp(one, two, flagACK, 104, 777, "on"))
	carry, answer := f.see(s)
	if carry {
		t.Error("a packet of a connection that was reset is carried")
	}
	r, ok := parseTCP(answer)
	if !ok || r.flags != flagRST || r.to != one || r.from != two || r.sequence != 777 {
		t.Errorf("answered by %+v, want RST 777 to the opener", r)
	}
	rst, _ := parseTCP(tcp(two, one, flagRST|flagACK, 504, 104, ""))
	if _, answer := f.see(rst); answer != nil {
		t.Error("a RST is answered") // two ends would do so for ever
	}
	see(t, f, tcp(one, two, flagSYN, 5000, 0, "")) // a new one with the same ports
	if _, n := f.doom(everyFlow); n != 1 {
		t.Error("the new connection is not known")
	}
}

func TestOnlyTheOpenersConnectionsAreReset(t *testing.T) {
	f := established(t)
	if _, n := f.doom(func(a netip.Addr) bool { return a == two.Addr() }); n != 0 {
		t.Errorf("%d connections opened by the other, want none", n)
	}
	if _, n := f.doom(func(a netip.Addr) bool { return a == one.Addr() }); n != 1 {
		t.Errorf("%d connections opened by the opener, want 1", n)
	}
}

func TestAConnectionThatHasEndedIsForgotten(t *testing.T) {
	for name, end := range map[string][][]byte{
		"FIN": {tcp(one, two, flagFIN|flagACK, 104, 504, ""), tcp(two, one, flagFIN|flagACK, 504, 105, "")},
		"RST": {tcp(one, two, flagRST, 104, 0, "")},
	} {
		f := established(t)
		see(t, f, end...)
		if len(f.known) != 0 || len(f.order) != 0 {
			t.Errorf("%s: %d connections are known", name, len(f.known))
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	f := &flows{}
	for i := range 2 * maxFlows {
		see(t, f, tcp(netip.AddrPortFrom(one.Addr(), uint16(i+1)), two, flagSYN, 1, 0, ""))
	}
	if len(f.known) != maxFlows {
		t.Errorf("%d connections are known, want %d", len(f.known), maxFlows)
	}
}

// TestASYNSentAgainIsNoNewConnection: else its numbers would be lost.
func TestASYNSentAgainIsNoNewConnection(t *testing.T) {
	f := &flows{}
	syn := tcp(one, two, flagSYN, 99, 0, "")
	see(t, f, syn, syn, tcp(two, one, flagSYN|flagACK, 499, 100, ""), syn)
	if len(f.order) != 1 || !f.order[0].ends[1].answered {
		t.Errorf("connections %+v, want one whose other end has answered", f.order)
	}
}
