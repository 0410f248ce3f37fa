package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// snap is how much of each packet is kept, bytes: headers, and the beginning of
// what it carries.
const snap = 512

// Capture writes what passes the wire to a file that Wireshark opens: one
// interface a node, on which a packet is seen as it is sent, and on the receiver's
// as it is handed over, so that what was lost is seen on the first alone. It is a
// ring: of more packets than there is room for, the last are kept. It never keeps
// a packet waiting: what the disk is too slow for is left out, and counted.
//
// A nil Capture captures nothing.
type Capture struct {
	path  string
	nodes []string
	half  int64 // bytes after which another file begins
	wall  func() time.Time

	mu       sync.Mutex
	filled   sync.Cond
	buf      []byte // complete blocks that wait to be written
	comments []string
	missed   int64
	closed   bool

	written chan error // the writer's end
}

// maxBuffer is how many bytes may wait to be written.
const maxBuffer = 16 << 20

// NewCapture begins a capture of size bytes at most at path. wall is the time of
// day.
func NewCapture(path string, nodes []string, size int64, wall func() time.Time) (*Capture, error) {
	c := &Capture{path: path, nodes: nodes, half: size / 2, wall: wall, written: make(chan error, 1)}
	c.filled.L = &c.mu
	file, err := c.begin()
	if err != nil {
		return nil, err
	}
	go func() { c.written <- c.write(file) }()
	return c, nil
}

// begin begins a file that can be read by itself.
func (c *Capture) begin() (*os.File, error) {
	file, err := os.Create(c.path)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	if _, err := file.Write(sectionHeader(c.nodes, snap)); err != nil {
		return nil, fmt.Errorf("capture: %w", errors.Join(err, file.Close()))
	}
	return file, nil
}

// packet takes a packet that a node has sent or received.
func (c *Capture) packet(node int, sent bool, b []byte) {
	if c == nil {
		return
	}
	at := c.wall()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.buf) > maxBuffer || c.closed {
		c.missed++
		return
	}
	empty := len(c.buf) == 0
	c.buf = appendPacket(c.buf, at, node, sent, b, snap, c.comments)
	c.comments = nil
	if empty {
		c.filled.Signal()
	}
}

// comment puts a text beside the next packet: the format has no place for one
// between packets.
func (c *Capture) comment(text string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.comments = append(c.comments, text)
}

// old is where the first half of a ring that has filled is.
func (c *Capture) old() string { return c.path + ".before" }

// write writes what comes until the capture is closed.
func (c *Capture) write(file *os.File) (err error) {
	var spare []byte
	var size int64
	for {
		c.mu.Lock()
		for len(c.buf) == 0 && !c.closed {
			c.filled.Wait()
		}
		batch, closed := c.buf, c.closed
		c.buf = spare[:0]
		c.mu.Unlock()
		if len(batch) == 0 && closed {
			return errors.Join(err, file.Close())
		}
		spare = batch
		if err != nil {
			continue // the disk is full, say: what comes is left out
		}
		var n int
		n, err = file.Write(batch)
		if size += int64(n); size > c.half && err == nil {
			size = 0
			if err = errors.Join(file.Close(), os.Rename(c.path, c.old())); err == nil {
				file, err = c.begin()
			}
		}
	}
}

// Close ends the capture and joins its halves. Idempotent.
func (c *Capture) Close() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	if len(c.comments) > 0 { // no packet came any more
		c.buf = appendPacket(c.buf, c.wall(), 0, true, nil, snap, c.comments)
		c.comments = nil
	}
	c.closed = true
	c.mu.Unlock()
	c.filled.Signal()
	if err := <-c.written; err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	return c.join()
}

// Missed is how many packets were left out because the disk was too slow.
func (c *Capture) Missed() int64 {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.missed
}

// join puts the second half behind the first: a file of this format may have
// several sections.
func (c *Capture) join() error {
	before, err := os.OpenFile(c.old(), os.O_WRONLY|os.O_APPEND, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // the ring never filled
	}
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	now, err := os.Open(c.path)
	if err == nil {
		_, err = io.Copy(before, now)
		err = errors.Join(err, now.Close())
	}
	if err = errors.Join(err, before.Close()); err == nil {
		err = os.Rename(c.old(), c.path)
	}
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	return nil
}
