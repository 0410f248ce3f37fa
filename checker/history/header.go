package history

import (
	"encoding/json"
	"fmt"
	"io"
)

const headerHint = `the first line must be {"type":"header","format":"` + Format + `",…}`

// header reads the first line.
func (p *parser) header(h *Header) error {
	p.line++
	switch err := p.lines.more(); err {
	case nil:
	case io.EOF, io.ErrUnexpectedEOF:
		return &Malformed{Name: p.name, Problem: "the file is empty; " + headerHint}
	default:
		return p.failed(err)
	}
	line, _ := p.lines.line()
	if problem, column, cut := syntax(line); cut {
		return p.malformed(column, "the header is cut short; nothing can be read from this file")
	} else if problem != "" {
		return p.malformed(column, problem+"; "+headerHint)
	}
	if err := json.Unmarshal(line, h); err != nil {
		return p.malformed(1, "header: "+err.Error())
	}
	if h.Type != "header" {
		return p.malformed(1, "no header; "+headerHint)
	}
	if h.Format != Format {
		return p.malformed(1, fmt.Sprintf("the format is %q and this program reads %q; use the version that wrote it, or convert it", h.Format, Format))
	}
	return nil
}
