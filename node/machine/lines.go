package machine

import (
	"encoding/json"
	"fmt"

	"groupy/node"
)

// InLine is a line that was understood as far as its head.
type InLine struct {
	Request
	Now *int64 // microseconds; virtual worlds only
}

// ReadLine takes a line apart. If it is none of the contract, or not for self,
// the second result is the answer, and the first has what could be read. An
// empty self is anybody.
func ReadLine(raw []byte, self string) (InLine, *Line) {
	e, h, err := node.Parse(raw)
	line := InLine{Request{Src: e.Src, Head: h, Body: e.Body}, e.Now}
	if line.Src == "" {
		line.Src = node.Harness
	}
	if err != nil {
		return line, ErrorTo(line.Src, h, node.CodeMalformed, err.Error())
	}
	if self != "" && e.Dest != "" && e.Dest != self {
		return line, ErrorTo(line.Src, h, node.CodeNotInGroup, fmt.Sprintf("this is %s, not %q", self, e.Dest))
	}
	return line, nil
}

// ParseInit reads the body of an init.
func ParseInit(body []byte) (node.Init, error) {
	var in node.Init
	if err := json.Unmarshal(body, &in); err != nil {
		return in, fmt.Errorf("init: %w", err)
	}
	return in, nil
}

// AppendLine appends an output line with its newline.
func AppendLine(buf []byte, self string, l *Line) ([]byte, error) {
	return node.AppendLine(buf, self, l.Dest, nil, l.Body)
}
