package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// MaxBody is the largest body of a frame, in bytes.
const MaxBody = 256 << 20

// headSize is what stands before a body.
const headSize = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrTorn says that a journal ends in the middle of a frame: its writer was
// killed while it wrote. The frames before it are whole.
var ErrTorn = errors.New("the journal ends in the middle of a frame")

// Writer appends frames. Its first error is final: a journal has no gaps.
type Writer struct {
	out io.Writer
	buf []byte
	err error
}

// NewWriter appends to out, one Write a frame.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Append writes one frame with the body that build appends to its argument.
func (w *Writer) Append(build func(buf []byte) []byte) error {
	if w.err != nil {
		return w.err
	}
	w.buf = build(append(w.buf[:0], make([]byte, headSize)...))
	body := w.buf[headSize:]
	if len(body) > MaxBody {
		w.err = fmt.Errorf("journal: a frame of %d bytes is above the limit of %d", len(body), MaxBody)
		return w.err
	}
	binary.BigEndian.PutUint32(w.buf, uint32(len(body)))
	binary.BigEndian.PutUint32(w.buf[4:], crc32.Checksum(w.buf[:4], castagnoli))
	binary.BigEndian.PutUint32(w.buf[8:], crc32.Checksum(body, castagnoli))
	if _, err := w.out.Write(w.buf); err != nil {
		w.err = fmt.Errorf("journal: %w", err)
	}
	return w.err
}

// Reader gives the frames of a journal.
type Reader struct {
	name   string
	file   *os.File
	in     *bufio.Reader
	offset int64
	body   []byte
}

// Open reads the journal of that name.
func Open(name string) (*Reader, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &Reader{name: name, file: file, in: bufio.NewReaderSize(file, 64<<10)}, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// Next gives the next body, valid until the following call, and the offset of
// its frame in the file. At the end it gives io.EOF or ErrTorn.
func (r *Reader) Next() (body []byte, offset int64, err error) {
	offset = r.offset
	var head [headSize]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return nil, offset, r.end(err)
	}
	size := binary.BigEndian.Uint32(head[:])
	if binary.BigEndian.Uint32(head[4:]) != crc32.Checksum(head[:4], castagnoli) {
		return nil, offset, r.damaged("the checksum of the length does not match: no frame begins there")
	}
	if size > MaxBody {
		return nil, offset, r.damaged(fmt.Sprintf("a frame of %d bytes is above the limit of %d", size, MaxBody))
	}
	if cap(r.body) < int(size) {
		r.body = make([]byte, size)
	}
	body = r.body[:size]
	if _, err := io.ReadFull(r.in, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, offset, r.end(err)
	}
	if binary.BigEndian.Uint32(head[8:]) != crc32.Checksum(body, castagnoli) {
		return nil, offset, r.damaged("the checksum of the frame does not match: its bytes were changed")
	}
	r.offset += headSize + int64(size)
	return body, offset, nil
}

func (r *Reader) end(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTorn
	}
	return err
}

func (r *Reader) damaged(why string) error {
	return fmt.Errorf("%s: frame at offset %d: %s", r.name, r.offset, why)
}
