package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
)

var (
	one = netip.MustParseAddrPort("10.7.0.1:40000")
	two = netip.MustParseAddrPort("10.7.0.2:7000")
)

// tcp is a TCP packet as a kernel sends it, without checksums, which nothing here
// looks at.
func tcp(from, to netip.AddrPort, flags byte, sequence, acknowledges uint32, text string) []byte {
	b := forgeRST(from, to, sequence)
	b[ipv4Header+13] = flags
	binary.BigEndian.PutUint32(b[ipv4Header+8:], acknowledges)
	b = append(b, text...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

func TestAForgedRSTIsWhole(t *testing.T) {
	b := forgeRST(one, two, 0xfffffffe)
	if got := sum(b[:ipv4Header], 0); got != 0xffff {
		t.Errorf("the IP header adds up to %#x", got)
	}
	if got := sum(b[ipv4Header:], uint32(sum(b[12:20], protoTCP+tcpHeader))); got != 0xffff {
		t.Errorf("the TCP segment adds up to %#x", got)
	}
	s, ok := parseTCP(b)
	want := segment{from: one, to: two, flags: flagRST, sequence: 0xfffffffe}
	if !ok || s != want {
		t.Errorf("it reads as %+v, %v; want %+v", s, ok, want)
	}
}

func TestASegmentsLengthCountsSYNAndFIN(t *testing.T) {
	for _, c := range []struct {
		flags byte
		text  string
		want  uint32
	}{{flagACK, "", 0}, {flagACK, "four", 4}, {flagSYN, "", 1}, {flagFIN | flagACK, "four", 5}} {
		s, ok := parseTCP(tcp(one, two, c.flags, 7, 0, c.text))
		if !ok || s.length != c.want || s.next() != 7+c.want {
			t.Errorf("flags %#x, text %q: length %d, %v; want %d", c.flags, c.text, s.length, ok, c.want)
		}
	}
}

func TestThePayloadIsWhatAProgramSends(t *testing.T) {
	udp := tcp(one, two, 0, 0, 0, "")[:ipv4Header]
	udp[9] = protoUDP
	udp = append(udp, 0, 1, 0, 2, 0, 13, 0, 0)
	udp = append(udp, "datum"...)
	binary.BigEndian.PutUint16(udp[2:], uint16(len(udp)))
	later := tcp(one, two, flagACK, 0, 0, "middle")
	later[7] = 1 // a fragment that is not the first
	for want, packet := range map[string][]byte{
		"text":  tcp(one, two, flagACK, 0, 0, "text"),
		"datum": udp,
	} {
		if got := string(payload(packet)); got != want {
			t.Errorf("payload %q, want %q", got, want)
		}
	}
	for _, packet := range [][]byte{later, tcp(one, two, flagACK, 0, 0, ""), {0x60, 0, 0, 0}, nil} {
		if got := payload(packet); got != nil {
			t.Errorf("payload %q of %v, want none", got, packet)
		}
	}
}

// TestNoPacketIsTooStrange: whatever a node sends, reading it does not fail.
func TestNoPacketIsTooStrange(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		b := tcp(one, two, byte(chance.Uint32()), chance.Uint32(), 0, "some text")
		b = b[:chance.IntN(len(b)+1)]
		for range chance.IntN(4) {
			if len(b) > 0 {
				b[chance.IntN(len(b))] = byte(chance.Uint32())
			}
		}
		destination(b)
		payload(b)
		if s, ok := parseTCP(b); ok {
			var f flows
			f.see(s)
			f.see(s)
		}
	}
}
