package history

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// MaxLine is the longest line, in bytes, that a reader takes.
const MaxLine = 16 << 20

// Reader reads a history line by line, in memory that does not grow with its
// length save for the names of processes and members. It checks the format's
// rules as it goes (rules.go).
type Reader struct {
	name   string
	src    *bufio.Reader
	close  func() error
	again  func() (io.Reader, error) // the input from its beginning; nil if it cannot be read twice
	header Header

	line  int // number of the line read last
	long  []byte
	event Event
	dec   decoder
	rules rules
	cut   bool
	err   error // sticky

	begin func() func(*Event) // see Watch
	see   func(*Event)
}

// NewReader reads the header from src. name is what errors call the input,
// usually its path.
func NewReader(src io.Reader, name string) (*Reader, error) {
	r := &Reader{
		name: name,
		src:  bufio.NewReaderSize(src, 1<<16),
		dec:  decoder{newInterner()},
	}
	r.rules.init()
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	if file, ok := src.(io.ReadSeeker); ok {
		r.again = func() (io.Reader, error) {
			_, err := file.Seek(0, io.SeekStart)
			return file, err
		}
		if _, err := file.Seek(0, io.SeekCurrent); err != nil { // a pipe
			r.again = nil
		}
	}
	return r, nil
}

// Rewindable reports whether the input can be read a second time, as files and
// bytes in memory can.
func (r *Reader) Rewindable() bool { return r.again != nil }

// Rewind goes back to the first event of a Rewindable input.
func (r *Reader) Rewind() error {
	src, err := r.again()
	if err != nil {
		return fmt.Errorf("read %s a second time: %w", r.name, err)
	}
	r.src.Reset(src)
	r.line, r.cut, r.err, r.rules = 0, false, nil, rules{}
	r.rules.init()
	if r.begin != nil {
		r.see = r.begin()
	}
	return r.readHeader()
}

// Watch has somebody else see each event that is read, just before Next gives it,
// so that a history need not be read once more for them. begin makes who sees: now,
// and anew at each Rewind, so that the last one has seen what the last reading gave
// and nothing twice.
func (r *Reader) Watch(begin func() (see func(*Event))) {
	r.begin, r.see = begin, begin()
}

// Header is the history's first line.
func (r *Reader) Header() *Header { return &r.header }

// Truncated reports whether the history ended in a line cut short, which was
// left out. It is known once Next has given io.EOF.
func (r *Reader) Truncated() bool { return r.cut }

// Close closes the file that Open opened. It is a no-op for NewReader's.
func (r *Reader) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close()
}

// Next gives the next event, io.EOF at the end, or a *Malformed. The event is the
// reader's own and is overwritten by the next call; a copy of the struct may be
// kept.
func (r *Reader) Next() (*Event, error) {
	if r.err != nil {
		return nil, r.err
	}
	e, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	if r.see != nil {
		r.see(e)
	}
	return e, nil
}

func (r *Reader) next() (*Event, error) {
	line, whole, err := r.readLine()
	if err != nil {
		return nil, err
	}
	if !r.dec.scan(line, &r.event) {
		if problem, column, cut := r.decode(line); cut && !whole {
			r.cut = true
			return nil, io.EOF
		} else if problem != "" {
			return nil, r.malformed(column, problem)
		}
	}
	r.event.Line = r.line
	if at, problem := r.rules.check(&r.event); problem != "" {
		return nil, &Malformed{Name: r.name, Line: at, Problem: problem}
	}
	return &r.event, nil
}

// decode is the general way to read a line.
func (r *Reader) decode(line []byte) (problem string, column int, cut bool) {
	if problem, column, cut := syntax(line); problem != "" {
		return problem, column, cut
	}
	problem, column = r.dec.decode(line, &r.event)
	return problem, column, false
}

// readLine gives the next line without its newline; whole is false if the input
// ended before one. The bytes are valid until the next call.
func (r *Reader) readLine() (line []byte, whole bool, err error) {
	r.long = r.long[:0]
	r.line++
	for {
		part, err := r.src.ReadSlice('\n')
		if len(r.long)+len(part) > MaxLine {
			return nil, false, r.malformed(0, fmt.Sprintf("the line is longer than %d bytes; is this the right file?", MaxLine))
		}
		switch {
		case err == nil && len(r.long) == 0:
			return part[:len(part)-1], true, nil
		case err == nil:
			r.long = append(r.long, part[:len(part)-1]...)
			return r.long, true, nil
		case errors.Is(err, bufio.ErrBufferFull):
			r.long = append(r.long, part...)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			// A compressed history that was cut ends unexpectedly; its whole lines count.
			r.long = append(r.long, part...)
			if len(r.long) == 0 {
				r.cut = r.cut || errors.Is(err, io.ErrUnexpectedEOF)
				return nil, false, io.EOF
			}
			return r.long, false, nil
		default:
			return nil, false, fmt.Errorf("read %s, line %d: %w", r.name, r.line, err)
		}
	}
}

const headerHint = `the first line must be {"type":"header","format":"` + Format + `",…}`

func (r *Reader) readHeader() error {
	line, _, err := r.readLine()
	if err == io.EOF {
		return &Malformed{Name: r.name, Problem: "the file is empty; " + headerHint}
	}
	if err != nil {
		return err
	}
	if problem, column, cut := syntax(line); cut {
		return r.malformed(column, "the header is cut short; nothing can be read from this file")
	} else if problem != "" {
		return r.malformed(column, problem+"; "+headerHint)
	}
	if err := json.Unmarshal(line, &r.header); err != nil {
		return r.malformed(1, "header: "+err.Error())
	}
	if r.header.Type != "header" {
		return r.malformed(1, "no header; "+headerHint)
	}
	if r.header.Format != Format {
		return r.malformed(1, fmt.Sprintf("the format is %q and this program reads %q; use the version that wrote it, or convert it", r.header.Format, Format))
	}
	return nil
}

func (r *Reader) malformed(column int, problem string) error {
	return &Malformed{Name: r.name, Line: r.line, Column: column, Problem: problem}
}

// Events walks over the events that are left, each as Next gives it. An error
// comes as the last pair, without an event; the end of the history is none.
func (r *Reader) Events() iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for {
			e, err := r.Next()
			if err == io.EOF || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// ReadAll reads the events that are left into memory.
func ReadAll(r *Reader) ([]Event, error) {
	var events []Event
	for e, err := range r.Events() {
		if err != nil {
			return events, err
		}
		events = append(events, *e)
	}
	return events, nil
}
