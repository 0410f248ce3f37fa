package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"groupy/checker/history/edn"
)

var jepsenLog = Format{
	Name:     "jepsen-log",
	Sentence: "a log in which Jepsen's workers said what they did: INFO jepsen.util - 0 :invoke :read nil, old form or new, among other lines",
	Model:    "register",
	read:     readJepsenLog,
	like:     func(head []byte) bool { return utilLine.Match(head) },
}

// utilLine is what a worker says, whoever else's words stand before it on the line.
var utilLine = regexp.MustCompile(`jepsen\.util\s*[-:]+\s+(:?[\w.-]+)\s+:(invoke|ok|fail|info)\s+(\S+)[ \t]*([^\n]*)`)

// maxLogLine is the longest line of a log that is read, in bytes.
const maxLogLine = 16 << 20

func readJepsenLog(in *input) error {
	j := newJepsen(in)
	return eachLine(in, func(line []byte, number int) error {
		if !bytes.Contains(line, []byte("jepsen.util")) {
			return nil
		}
		found := utilLine.FindSubmatch(line)
		if found == nil {
			return nil // it says many other things
		}
		op := jepsenOp{
			line: number, kind: string(found[2]), f: strings.TrimPrefix(string(found[3]), ":"),
			process: strings.TrimPrefix(string(found[1]), ":"),
		}
		r := edn.NewReader(bytes.NewReader(found[4]))
		for i := range 2 { // the value, and an error behind it
			v, err := r.Next()
			var bad *edn.Error
			switch {
			case errors.Is(err, io.EOF):
			case errors.As(err, &bad):
				return in.fail(number, 0, "the value of an operation: %s", bad.Problem)
			case i == 0:
				op.value = v.JSON()
			default:
				op.err = plain(v.JSON())
			}
		}
		if op.value == nil {
			op.value = json.RawMessage("null")
		}
		return j.take(op)
	})
}

// eachLine gives each line with its number, from 1, without its end.
func eachLine(in *input, f func(line []byte, number int) error) error {
	lines := bufio.NewScanner(in.src)
	lines.Buffer(make([]byte, 64<<10), maxLogLine)
	number := 0
	for lines.Scan() {
		number++
		if bytes.IndexByte(lines.Bytes(), 0) >= 0 {
			return in.fail(number, 0, "binary data, not text; is this the right file?")
		}
		if err := f(lines.Bytes(), number); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return in.fail(number+1, 0, "the line is longer than %d bytes; is this the right file?", maxLogLine)
	case err != nil:
		return fmt.Errorf("read %s, line %d: %w", in.path, number+1, err)
	}
	return nil
}
