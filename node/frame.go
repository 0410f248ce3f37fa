package node

import (
	"encoding/binary"
	"fmt"
	"io"
)

// MaxFrame is the largest frame, in bytes, that a built-in node sends or that a
// link takes for a frame. A length above it means that the traffic is not
// framed.
const MaxFrame = 64 << 20

// AppendFrame appends payload as one frame: a 4-byte big-endian length and that
// many bytes. Framed traffic lets faults apply to whole messages.
func AppendFrame(buf, payload []byte) []byte {
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(payload)))
	return append(buf, payload...)
}

// ReadFrame reads one frame's payload into buf, grown as needed. It gives
// io.EOF at a clean end between frames and io.ErrUnexpectedEOF inside one.
func ReadFrame(r io.Reader, buf []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > MaxFrame {
		return nil, fmt.Errorf("frame of %d bytes is above the limit of %d", n, MaxFrame)
	}
	if cap(buf) < int(n) {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return buf, nil
}
