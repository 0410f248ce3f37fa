package runtime

import (
	"bufio"
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

// Next gives the next line that is not empty, valid until the following call;
// io.EOF at the end. A last line without its newline counts.
func (l *lineReader) Next() ([]byte, error) {
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

// errNoNow refuses a line of a virtual world that tells no time.
var errNoNow = errors.New(`the clock is virtual, so every line needs "now" in its envelope, in microseconds`)

// idleLine says that all outputs of the last line are written.
func idleLine(self string) []byte {
	line, err := node.Line(self, node.Harness, nil, node.Head{Type: node.TypeIdle})
	if err != nil {
		panic(fmt.Sprintf("runtime: %v", err)) // a fixed value
	}
	return line
}
