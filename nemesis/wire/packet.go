package wire

import (
	"encoding/binary"
	"net/netip"
)

const (
	ipv4Header = 20 // bytes, without options
	tcpHeader  = 20
	protoTCP   = 6
	protoUDP   = 17
)

// The flags of TCP that matter here.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	_
	flagACK
)

// destination is where an IPv4 packet goes; false for anything else.
func destination(b []byte) (netip.Addr, bool) {
	if len(b) < ipv4Header || b[0]>>4 != 4 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(b[16:20])), true
}

// segment is what a TCP packet says of its connection.
type segment struct {
	from, to         netip.AddrPort
	flags            byte
	sequence         uint32
	acknowledges     uint32 // with flagACK
	length           uint32 // in sequence numbers: data, and one each for SYN and FIN
	acknowledgeValid bool
}

// next is the sequence number behind the segment.
func (s segment) next() uint32 { return s.sequence + s.length }

// parseTCP reads a TCP packet; false for anything else, and for a later fragment,
// which has no header.
func parseTCP(b []byte) (s segment, ok bool) {
	ip, ok := headerLength(b)
	if !ok || b[9] != protoTCP || fragmentOffset(b) != 0 || len(b) < ip+tcpHeader {
		return s, false
	}
	t := b[ip:]
	header := int(t[12]>>4) * 4
	total := min(int(binary.BigEndian.Uint16(b[2:])), len(b))
	if header < tcpHeader || ip+header > total {
		return s, false
	}
	s = segment{
		from:         netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), binary.BigEndian.Uint16(t[0:])),
		to:           netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[16:20])), binary.BigEndian.Uint16(t[2:])),
		sequence:     binary.BigEndian.Uint32(t[4:]),
		acknowledges: binary.BigEndian.Uint32(t[8:]),
		flags:        t[13],
		length:       uint32(total - ip - header),
	}
	s.acknowledgeValid = s.flags&flagACK != 0
	if s.flags&flagSYN != 0 {
		s.length++
	}
	if s.flags&flagFIN != 0 {
		s.length++
	}
	return s, true
}

// payload is what a packet carries for a program: behind the headers of TCP or
// UDP; nil where there is nothing.
func payload(b []byte) []byte {
	ip, ok := headerLength(b)
	if !ok || fragmentOffset(b) != 0 {
		return nil
	}
	end := min(int(binary.BigEndian.Uint16(b[2:])), len(b))
	begin := end
	switch {
	case b[9] == protoTCP && len(b) >= ip+tcpHeader:
		begin = ip + int(b[ip+12]>>4)*4
	case b[9] == protoUDP:
		begin = ip + 8
	}
	if begin >= end {
		return nil
	}
	return b[begin:end]
}

// headerLength is that of the IPv4 header.
func headerLength(b []byte) (int, bool) {
	if len(b) < ipv4Header || b[0]>>4 != 4 {
		return 0, false
	}
	n := int(b[0]&0xf) * 4
	return n, n >= ipv4Header && n <= len(b)
}

func fragmentOffset(b []byte) uint16 { return binary.BigEndian.Uint16(b[6:]) & 0x1fff }

// forgeRST is a packet that resets a connection at its receiver, to, which takes
// it if it waits for just that sequence number (RFC 5961).
func forgeRST(from, to netip.AddrPort, sequence uint32) []byte {
	b := make([]byte, ipv4Header+tcpHeader)
	b[0], b[8], b[9] = 0x45, 64, protoTCP
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	b[6] = 0x40 // don't fragment
	source, destination := from.Addr().As4(), to.Addr().As4()
	copy(b[12:], source[:])
	copy(b[16:], destination[:])
	binary.BigEndian.PutUint16(b[10:], ^sum(b[:ipv4Header], 0))
	t := b[ipv4Header:]
	binary.BigEndian.PutUint16(t[0:], from.Port())
	binary.BigEndian.PutUint16(t[2:], to.Port())
	binary.BigEndian.PutUint32(t[4:], sequence)
	t[12], t[13] = tcpHeader/4<<4, flagRST
	pseudo := sum(b[12:20], protoTCP+tcpHeader) // addresses, protocol, length
	binary.BigEndian.PutUint16(t[16:], ^sum(t, uint32(pseudo)))
	return b
}

// sum is the ones' complement sum of RFC 1071, added to begin.
func sum(b []byte, begin uint32) uint16 {
	s := begin
	for ; len(b) > 1; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
