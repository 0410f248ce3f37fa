package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
)

// bufferSize is when a Writer writes by itself, without waiting for Flush.
const bufferSize = 1 << 16

// Writer appends a history's lines. It numbers the events; nothing is on its way
// to the file before Flush (or a full buffer), so a caller flushes before it acts
// on what it has written down. A Writer is for one goroutine.
type Writer struct {
	out  io.Writer
	buf  []byte
	next int64
	err  error // of the first write that failed; sticky

	sum    hash.Hash // over every byte appended
	hashed int       // bytes of buf that are in sum already
}

// NewWriter begins a history on out with its header, whose Type and Format are
// filled in. The header stays in the buffer until the first Flush.
func NewWriter(out io.Writer, h Header) (*Writer, error) {
	h.Type, h.Format = "header", Format
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode the history's header: %w", err)
	}
	w := &Writer{out: out, buf: make([]byte, 0, bufferSize+1<<12), sum: sha256.New()}
	w.buf = append(append(w.buf, line...), '\n')
	return w, nil
}

// Append adds one event and sets its Index and Line. It fails if a raw value is no
// JSON, and then the event is not written, or if the file could not be written,
// and then neither is any later one.
func (w *Writer) Append(e *Event) error {
	if w.err != nil {
		return w.err
	}
	e.Index = w.next
	grown, err := appendEvent(w.buf, e)
	if err != nil {
		return fmt.Errorf("history event %d (%s): %w", e.Index, e.Type, err)
	}
	w.buf = grown
	w.next++
	e.Line = int(w.next) + 1
	if len(w.buf) >= bufferSize {
		return w.Flush()
	}
	return nil
}

// Flush writes what is buffered to the underlying writer. It does not sync a
// file to its disk.
func (w *Writer) Flush() error {
	if w.err != nil || len(w.buf) == 0 {
		return w.err
	}
	w.digest()
	if _, err := w.out.Write(w.buf); err != nil {
		w.err = fmt.Errorf("write history: %w", err)
		return w.err
	}
	w.buf, w.hashed = w.buf[:0], 0
	return nil
}

// Sum is a hash of the history up to here, header included: 128 bits of SHA-256
// in hex. Two histories with the same sum are the same, byte for byte.
func (w *Writer) Sum() string {
	w.digest()
	return hex.EncodeToString(w.sum.Sum(nil)[:16])
}

func (w *Writer) digest() {
	w.sum.Write(w.buf[w.hashed:]) // a hash's Write never fails
	w.hashed = len(w.buf)
}

// Len is how many events have been appended.
func (w *Writer) Len() int64 { return w.next }
