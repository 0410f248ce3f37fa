package history

import (
	"fmt"
	"io"
	"iter"
)

// MaxLine is the longest line, in bytes, that a reader takes.
const MaxLine = 16 << 20

// Reader reads a history line by line, in memory that does not grow with its
// length save for the names of processes and members. It checks the format's
// rules as it goes (rules.go). A walk over the Events of an input that is
// Rewindable reads and parses ahead on a second processor.
type Reader struct {
	head   Header
	close  func() error
	again  func() (io.Reader, error) // the input from its beginning; nil if it cannot be read twice
	parser parser
	rules  rules

	now   *block // that is being looked at
	at    int    // index of its next event
	left  []*block
	ahead *ahead // nil while nothing is read ahead

	begin func() func(*Event) // see Watch
	see   func(*Event)
}

// NewReader reads the header from src. name is what errors call the input,
// usually its path.
func NewReader(src io.Reader, name string) (*Reader, error) {
	r := &Reader{
		parser: parser{name: name, lines: newLines(src), dec: decoder{interner: newInterner()}},
		now:    &block{},
	}
	r.rules.init()
	if err := r.parser.header(&r.head); err != nil {
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
	p := &r.parser
	r.stopAhead()
	src, err := r.again()
	if err != nil {
		return fmt.Errorf("read %s a second time: %w", p.name, err)
	}
	r.now, r.at, r.left = &block{}, 0, nil
	p.lines.reset(src)
	p.line, r.rules = 0, rules{}
	r.rules.init()
	if r.begin != nil {
		r.see = r.begin()
	}
	return p.header(&r.head)
}

// Watch has somebody else see each event that is read, just before Next gives it,
// so that a history need not be read once more for them. begin makes who sees: now,
// and anew at each Rewind, so that the last one has seen what the last reading gave
// and nothing twice.
func (r *Reader) Watch(begin func() (see func(*Event))) {
	r.begin, r.see = begin, begin()
}

// Header is the history's first line.
func (r *Reader) Header() *Header { return &r.head }

// Truncated reports whether the history ended in a line cut short, which was
// left out. It is known once Next has given io.EOF.
func (r *Reader) Truncated() bool { return r.now.cut && r.at == len(r.now.events) }

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
	for r.at == len(r.now.events) {
		if r.now.err != nil {
			return nil, r.now.err
		}
		r.advance()
	}
	e := &r.now.events[r.at]
	if at, problem := r.rules.check(e); problem != "" {
		r.now, r.at = &block{err: &Malformed{Name: r.parser.name, Line: at, Problem: problem}}, 0
		return nil, r.now.err
	}
	r.at++
	if r.see != nil {
		r.see(e)
	}
	return e, nil
}

func (r *Reader) advance() {
	r.at = 0
	switch {
	case len(r.left) > 0:
		r.now, r.left = r.left[0], r.left[1:]
	case r.ahead != nil:
		r.now = r.ahead.next(r.now)
	default:
		r.parser.fill(r.now)
	}
}

// readAhead begins to, where that is possible and of use.
func (r *Reader) readAhead() {
	if r.Rewindable() && r.ahead == nil && r.now.err == nil && len(r.left) == 0 {
		r.ahead = r.parser.start()
	}
}

// stopAhead ends it. What was read is given next.
func (r *Reader) stopAhead() {
	if r.ahead != nil {
		r.left, r.ahead = r.ahead.stop(), nil
	}
}

// Events walks over the events that are left, each as Next gives it. An error
// comes as the last pair, without an event; the end of the history is none.
func (r *Reader) Events() iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		defer r.stopAhead()
		for n := 0; ; n++ {
			if n == aheadAfter {
				r.readAhead()
			}
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
