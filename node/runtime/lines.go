package runtime

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"groupy/node"
)

// maxLine is the longest line of the contract that is read, in bytes.
const maxLine = 16 << 20

// lineReader gives stdin line by line.
type lineReader struct{ scan *bufio.Scanner }

func newLineReader(r io.Reader) *lineReader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return &lineReader{s}
}

// next gives the next line that is not empty, valid until the following call;
// io.EOF at the end. A last line without its newline counts.
func (l *lineReader) next() ([]byte, error) {
	for l.scan.Scan() {
		if line := l.scan.Bytes(); len(line) > 0 {
			return line, nil
		}
	}
	if err := l.scan.Err(); err != nil {
		return nil, fmt.Errorf("read stdin (a line may have %d bytes): %w", maxLine, err)
	}
	return nil, io.EOF
}

// inLine is a line that was understood as far as its head.
type inLine struct {
	Request
	Now *int64 // microseconds; virtual worlds only
}

// readLine takes a line apart. If it is none of the contract, or not for self,
// the second result is the answer, and the first has what could be read. An
// empty self is anybody.
func readLine(raw []byte, self string) (inLine, *Line) {
	e, h, err := node.Parse(raw)
	line := inLine{Request{Src: e.Src, Head: h, Body: e.Body}, e.Now}
	if line.Src == "" {
		line.Src = node.Harness
	}
	if err != nil {
		return line, errorTo(line.Src, h, node.CodeMalformed, err.Error())
	}
	if self != "" && e.Dest != "" && e.Dest != self {
		return line, errorTo(line.Src, h, node.CodeNotInGroup, fmt.Sprintf("this is %s, not %q", self, e.Dest))
	}
	return line, nil
}

// parseInit reads the body of an init.
func parseInit(body []byte) (node.Init, error) {
	var in node.Init
	if err := json.Unmarshal(body, &in); err != nil {
		return in, fmt.Errorf("init: %w", err)
	}
	return in, nil
}

// errNoNow refuses a line of a virtual world that tells no time.
var errNoNow = errors.New(`the clock is virtual, so every line needs "now" in its envelope, in microseconds`)

// appendLine appends an output line with its newline.
func appendLine(buf []byte, self string, l *Line) ([]byte, error) {
	return node.AppendLine(buf, self, l.Dest, nil, l.Body)
}

// idleLine says that all outputs of the last line are written.
func idleLine(self string) []byte {
	line, err := node.Line(self, node.Harness, nil, node.Head{Type: node.TypeIdle})
	if err != nil {
		panic(fmt.Sprintf("runtime: %v", err)) // a fixed value
	}
	return line
}
