package stable

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A frame is, in big-endian bytes:
//
//	uint32  length of the body
//	uint32  CRC-32C of the length and the body, going on from the sum before
//	body
//
// The sum before the first is that of the member's name.

// frameHead is what stands before a body, in bytes.
const frameHead = 8

// maxBody is the largest body, in bytes: what is longer is none of ours.
const maxBody = 256 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends a frame and gives its sum.
func appendFrame(buf []byte, before uint32, body ...[]byte) ([]byte, uint32) {
	at, size := len(buf), 0
	buf = append(buf, make([]byte, frameHead)...)
	for _, part := range body {
		size += len(part)
		buf = append(buf, part...)
	}
	binary.BigEndian.PutUint32(buf[at:], uint32(size))
	sum := crc32.Update(before, castagnoli, buf[at:at+4])
	sum = crc32.Update(sum, castagnoli, buf[at+frameHead:])
	binary.BigEndian.PutUint32(buf[at+4:], sum)
	return buf, sum
}

// parseFrame gives the body of the frame with which data begins, as part of data. An
// error says why there is none; trusting does not look at the sum.
func parseFrame(data []byte, before uint32, trusting bool) (body []byte, sum uint32, err error) {
	if len(data) < frameHead {
		return nil, 0, fmt.Errorf("%d bytes are left, and a frame begins with %d", len(data), frameHead)
	}
	size := binary.BigEndian.Uint32(data)
	if size > maxBody || int(size) > len(data)-frameHead {
		return nil, 0, fmt.Errorf("a body of %d bytes does not fit the %d that are left", size, len(data)-frameHead)
	}
	body = data[frameHead : frameHead+size]
	said := binary.BigEndian.Uint32(data[4:])
	sum = crc32.Update(crc32.Update(before, castagnoli, data[:4]), castagnoli, body)
	if sum != said && !trusting {
		return nil, 0, fmt.Errorf("it does not match its checksum")
	}
	return body, said, nil
}
