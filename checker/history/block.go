package history

import (
	"errors"
	"fmt"
	"io"
)

// block is some events in a row, as they stand in the input.
type block struct {
	events []Event
	err    error // what comes after them, nil for more events
	cut    bool  // what comes after them is a line cut short
}

// blockEvents is how many events a block holds at most: few enough that they are
// still in the processor's cache when they are looked at.
const blockEvents = 512

// parser turns lines into events.
type parser struct {
	name  string
	lines lines
	line  int // number of the line read last
	dec   decoder
}

// fill takes the events of the lines that are there, at least one, and what ends
// them. It is not called again after an error.
func (p *parser) fill(b *block) {
	b.events, b.err, b.cut = b.events[:0], nil, false
	for n := 0; n < blockEvents; n++ {
		if p.lines.empty() {
			if n > 0 {
				return
			}
			if err := p.lines.more(); err != nil {
				p.ended(b, err)
				return
			}
		}
		if n < cap(b.events) {
			b.events = b.events[:n+1]
		} else {
			b.events = append(b.events, Event{})
		}
		if b.cut, b.err = p.event(&b.events[n]); b.err != nil {
			b.events = b.events[:n]
			return
		}
	}
}

// event reads the next line into e. cut says that it is the last one and not whole.
func (p *parser) event(e *Event) (cut bool, err error) {
	p.line++
	if end := p.dec.scan(p.lines.buf, p.lines.from, e); end >= 0 {
		p.lines.from = end
	} else {
		line, whole := p.lines.line()
		if problem, column, cut := p.dec.general(line, e); cut && !whole {
			return true, io.EOF
		} else if problem != "" {
			return false, p.malformed(column, problem)
		}
	}
	e.Line = p.line
	return false, nil
}

// ended says what the end of the lines means for a reader.
func (p *parser) ended(b *block, err error) {
	p.line++
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		// A compressed history that was cut ends unexpectedly; its whole lines count.
		b.err, b.cut = io.EOF, true
	case errors.Is(err, io.EOF):
		b.err = io.EOF
	default:
		b.err = p.failed(err)
	}
}

// failed is the error for a line that could not be read.
func (p *parser) failed(err error) error {
	if errors.Is(err, errTooLong) {
		return p.malformed(0, fmt.Sprintf("the line is longer than %d bytes; is this the right file?", MaxLine))
	}
	return fmt.Errorf("read %s, line %d: %w", p.name, p.line, err)
}

func (p *parser) malformed(column int, problem string) error {
	return &Malformed{Name: p.name, Line: p.line, Column: column, Problem: problem}
}
