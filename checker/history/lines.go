package history

import (
	"bytes"
	"errors"
	"io"
)

// lines cuts an input into whole lines, a chunk of them at a time, without copying
// each. It hands over what one read has brought before it waits for the next, so
// that a history which still grows is read as it grows.
type lines struct {
	src io.Reader
	buf []byte
	// buf[from:end] are the whole lines that are left, buf[end:to] is the beginning
	// of the next one; pad bytes are always free behind it.
	from, end, to int

	endless bool  // the last line lacks its newline, and was given one
	err     error // of src
}

// chunk is how much is read at a time, in bytes.
const chunk = 1 << 16

var errTooLong = errors.New("the line is too long")

func newLines(src io.Reader) lines { return lines{src: src, buf: make([]byte, chunk+pad)} }

// reset begins again with another input.
func (l *lines) reset(src io.Reader) { *l = lines{src: src, buf: l.buf} }

// empty reports whether more must be called before the next line is there.
func (l *lines) empty() bool { return l.from == l.end }

// more reads until a whole line is there. At the end of the input it gives io.EOF or
// io.ErrUnexpectedEOF, for a line longer than MaxLine errTooLong.
func (l *lines) more() error {
	l.to = copy(l.buf, l.buf[l.from:l.to])
	l.from, l.end = 0, 0
	for idle := 0; ; idle++ {
		if l.err != nil {
			return l.last()
		}
		if l.to > MaxLine {
			return errTooLong
		}
		if l.to+pad == len(l.buf) {
			l.buf = append(l.buf, make([]byte, min(len(l.buf), MaxLine+1+pad-l.to))...)
		}
		var n int
		n, l.err = l.src.Read(l.buf[l.to : len(l.buf)-pad])
		read := l.buf[l.to : l.to+n]
		l.to += n
		if i := bytes.LastIndexByte(read, '\n'); i >= 0 {
			l.end = l.to - len(read) + i + 1
			return nil
		}
		if n > 0 {
			idle = 0
		} else if idle == 100 && l.err == nil {
			l.err = io.ErrNoProgress
		}
	}
}

// last gives what src ended with, after the line that the end has cut.
func (l *lines) last() error {
	if ended := errors.Is(l.err, io.EOF) || errors.Is(l.err, io.ErrUnexpectedEOF); ended && l.to > 0 {
		l.buf[l.to] = '\n'
		l.to++
		l.end, l.endless = l.to, true
		return nil
	}
	return l.err
}

// line takes the next line, without its newline; whole is false if the input ended
// before one. The bytes are valid until more is called.
func (l *lines) line() (line []byte, whole bool) {
	n := bytes.IndexByte(l.buf[l.from:l.end], '\n')
	line = l.buf[l.from : l.from+n]
	l.from += n + 1
	return line, !l.endless || l.from < l.end
}
