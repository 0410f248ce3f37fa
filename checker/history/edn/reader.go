package edn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Bounds of one value.
const (
	MaxDepth = 200      // of nesting
	MaxBytes = 64 << 20 // of its text
)

// Reader reads values one after another.
type Reader struct {
	src       *bufio.Reader
	line, col int // of the next character
	left      int // bytes that the value at hand may still have
}

// NewReader reads from src.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(src, 1<<16), line: 1, col: 1, left: MaxBytes}
}

// Error is what keeps the input from being EDN, and where.
type Error struct {
	Line, Col int
	Problem   string
}

// Error gives line:column: problem.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Problem) }

// errDone is the end of input between two values.
var errDone = io.EOF

func (r *Reader) fail(format string, args ...any) error {
	return &Error{r.line, r.col, fmt.Sprintf(format, args...)}
}

// Next gives the next value at the top, io.EOF after the last one, or an *Error.
func (r *Reader) Next() (Value, error) {
	r.left = MaxBytes
	c, err := r.skip(0)
	if err != nil {
		return Value{}, err
	}
	return r.value(c, 0)
}

// Enter reports whether a list or a vector comes next, and if so steps into it:
// Item then gives what it holds, one by one, however long it is.
func (r *Reader) Enter() (closing byte, ok bool, err error) {
	c, err := r.skip(0)
	if err != nil || c != '[' && c != '(' {
		return 0, false, err
	}
	_, _ = r.take()
	return closer(c), true, nil
}

// Item gives the next value of what Enter stepped into, or false at its end.
func (r *Reader) Item(closing byte) (v Value, ok bool, err error) {
	r.left = MaxBytes
	c, err := r.skip(0)
	if err != nil {
		return v, false, r.inside(err)
	}
	if c == closing {
		_, _ = r.take()
		return v, false, nil
	}
	v, err = r.value(c, 1)
	return v, err == nil, err
}

// inside is err where the end of input is no good end.
func (r *Reader) inside(err error) error {
	if errors.Is(err, errDone) {
		return r.fail("the input ends in the middle of a value")
	}
	return err
}

// peek gives the next byte, io.EOF at the end.
func (r *Reader) peek() (byte, error) {
	b, err := r.src.Peek(1)
	if len(b) == 0 {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return 0, errDone
		}
		return 0, fmt.Errorf("line %d: %w", r.line, err)
	}
	return b[0], nil
}

func (r *Reader) take() (byte, error) {
	c, err := r.src.ReadByte()
	if err != nil {
		return 0, r.inside(err)
	}
	if r.left--; r.left < 0 {
		return 0, r.fail("a value is longer than %d bytes", MaxBytes)
	}
	if c == 0 {
		return 0, r.fail("binary data, not text; is this the right file?")
	}
	switch {
	case c == '\n':
		r.line, r.col = r.line+1, 1
	default:
		r.col++
	}
	return c, nil
}

// skip passes over white space, comments and discarded values, and peeks at what
// comes then.
func (r *Reader) skip(depth int) (byte, error) {
	for {
		c, err := r.peek()
		if err != nil {
			return 0, err
		}
		switch {
		case isSpace(c):
			_, err = r.take()
		case c == ';':
			err = r.comment()
		case c == '#':
			if two, _ := r.src.Peek(2); len(two) < 2 || two[1] != '_' {
				return c, nil
			}
			err = r.discard(depth)
		default:
			return c, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (r *Reader) comment() error {
	for {
		c, err := r.peek()
		if errors.Is(err, errDone) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err = r.take(); err != nil || c == '\n' {
			return err
		}
	}
}

func (r *Reader) discard(depth int) error {
	_, _ = r.take()
	if _, err := r.take(); err != nil {
		return err
	}
	if depth >= MaxDepth {
		return r.fail("nested deeper than %d", MaxDepth)
	}
	c, err := r.skip(depth + 1)
	if err != nil {
		return r.inside(err)
	}
	_, err = r.value(c, depth+1)
	return err
}

func isSpace(c byte) bool {
	return c == ' ' || c == ',' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v'
}

func closer(open byte) byte {
	switch open {
	case '(':
		return ')'
	case '[':
		return ']'
	}
	return '}'
}
