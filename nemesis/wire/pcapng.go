package wire

import (
	"encoding/binary"
	"time"
)

// What of pcapng is needed (draft-ietf-opsawg-pcapng): blocks of little-endian
// numbers, padded to four bytes, with their length before and behind.
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacket    = 6

	optionEnd        = 0
	optionComment    = 1
	optionName       = 2
	optionFlags      = 2 // of a packet
	optionResolution = 9

	linkTypeRaw = 101 // a packet begins with its IP header

	inbound, outbound = 1, 2
)

// sectionHeader begins a section with one interface a node.
func sectionHeader(nodes []string, snap int) []byte {
	var b []byte
	b = block(b, blockSection, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, 0x1A2B3C4D) // the order of bytes
		b = binary.LittleEndian.AppendUint16(b, 1)          // version 1.0
		b = binary.LittleEndian.AppendUint16(b, 0)
		return binary.LittleEndian.AppendUint64(b, ^uint64(0)) // the section's length is not told
	})
	for _, name := range nodes {
		b = block(b, blockInterface, func(b []byte) []byte {
			b = binary.LittleEndian.AppendUint16(b, linkTypeRaw)
			b = binary.LittleEndian.AppendUint16(b, 0)
			b = binary.LittleEndian.AppendUint32(b, uint32(snap))
			b = option(b, optionName, name)
			b = option(b, optionResolution, "\x09") // nanoseconds
			return option(b, optionEnd, "")
		})
	}
	return b
}

// appendPacket adds a packet, of which at most snap bytes are kept.
func appendPacket(b []byte, at time.Time, node int, sent bool, packet []byte, snap int, comments []string) []byte {
	return block(b, blockPacket, func(b []byte) []byte {
		kept := packet[:min(len(packet), snap)]
		ns := uint64(at.UnixNano())
		b = binary.LittleEndian.AppendUint32(b, uint32(node))
		b = binary.LittleEndian.AppendUint32(b, uint32(ns>>32))
		b = binary.LittleEndian.AppendUint32(b, uint32(ns))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(kept)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(packet)))
		b = padded(append(b, kept...), len(kept))
		direction := byte(inbound)
		if sent {
			direction = outbound
		}
		b = option(b, optionFlags, string([]byte{direction, 0, 0, 0}))
		for _, text := range comments {
			b = option(b, optionComment, text)
		}
		return option(b, optionEnd, "")
	})
}

// block adds a block with what body appends.
func block(b []byte, kind uint32, body func([]byte) []byte) []byte {
	begin := len(b)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = body(b)
	length := uint32(len(b) - begin + 4)
	binary.LittleEndian.PutUint32(b[begin+4:], length)
	return binary.LittleEndian.AppendUint32(b, length)
}

func option(b []byte, code uint16, value string) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...), len(value))
}

// padded fills up what has just grown by n bytes to a whole number of words.
func padded(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}
