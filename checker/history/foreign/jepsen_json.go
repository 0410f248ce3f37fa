package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var jepsenJSON = Format{
	Name:     "jepsen-json",
	Sentence: "the same in JSON: an object for each operation, one after another, in one array, or under \"history\" in one object",
	Model:    "register",
	read:     readJepsenJSON,
	like: func(head []byte) bool {
		return (bytes.HasPrefix(head, []byte("{")) || bytes.HasPrefix(head, []byte("["))) && bytes.Contains(head, []byte(`"process"`))
	},
}

func readJepsenJSON(in *input) error {
	j := newJepsen(in)
	lines := &lineCounter{src: bufio.NewReaderSize(in.src, 1<<16), line: 1}
	dec := json.NewDecoder(lines)
	first, err := lines.first()
	if err == nil && first == '[' {
		_, _ = dec.Token()
	}
	for err == nil && (first != '[' || dec.More()) {
		var op json.RawMessage
		if err = dec.Decode(&op); err == nil {
			err = j.takeJSON(op, lines.at(dec.InputOffset()-int64(len(op))))
		}
	}
	if err == nil {
		_, err = dec.Token() // the end of the array
	}
	var bad *Error
	var syntax *json.SyntaxError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &bad):
		return err
	case errors.As(err, &syntax):
		return in.fail(lines.at(syntax.Offset), 0, "%v", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return in.fail(lines.line, 0, "the input ends in the middle of a value")
	}
	return fmt.Errorf("read %s, line %d: %w", in.path, lines.line, err)
}

// takeJSON takes an operation, or all of an object's "history".
func (j *jepsen) takeJSON(raw json.RawMessage, line int) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return j.in.fail(line, 0, `an operation is an object with "type", "process", "f" and "value"; this is none`)
	}
	if all["type"] == nil && all["history"] != nil {
		var ops []json.RawMessage
		if err := json.Unmarshal(all["history"], &ops); err != nil {
			return j.in.fail(line, 0, `"history" is no array`)
		}
		for _, op := range ops {
			if err := j.takeJSON(op, line); err != nil {
				return err
			}
		}
		return nil
	}
	op := jepsenOp{line: line, value: all["value"], more: all}
	op.kind, op.f, op.err = name(all["type"]), name(all["f"]), ""
	if all["error"] != nil && string(all["error"]) != "null" {
		op.err = plain(all["error"])
	}
	if op.process = name(all["process"]); op.process == "null" {
		op.process = ""
	}
	_ = json.Unmarshal(all["time"], &op.time) // for people only
	return j.take(op)
}

// name is a string or a number as text; keywords may have kept their colon.
func name(raw json.RawMessage) string {
	if s := plain(raw); !strings.HasPrefix(s, ":") {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n == float64(int64(n)) {
			return strconv.FormatInt(int64(n), 10) // 3.0 is 3
		}
		return s
	}
	return strings.TrimPrefix(plain(raw), ":")
}

// lineCounter counts lines as they are read, and finds the line of an offset that
// was read not long ago.
type lineCounter struct {
	src    *bufio.Reader
	read   int64
	line   int     // of what is read next
	breaks []int64 // offsets after the last line breaks
}

// first gives the first byte that is no white space, and leaves it there.
func (l *lineCounter) first() (byte, error) {
	for {
		b, err := l.src.Peek(1)
		if err != nil {
			return 0, err
		}
		if b[0] != ' ' && b[0] != '\n' && b[0] != '\r' && b[0] != '\t' {
			return b[0], nil
		}
		if b[0] == '\n' {
			l.line++
		}
		_, _ = l.src.ReadByte()
	}
}

func (l *lineCounter) Read(b []byte) (int, error) {
	n, err := l.src.Read(b)
	for i, c := range b[:n] {
		if c == '\n' {
			l.breaks = append(l.breaks, l.read+int64(i)+1)
		}
	}
	l.read += int64(n)
	return n, err
}

// at is the line of an offset. Earlier ones must not be asked for again.
func (l *lineCounter) at(offset int64) int {
	for len(l.breaks) > 0 && l.breaks[0] <= offset {
		l.breaks = l.breaks[1:]
		l.line++
	}
	return l.line
}
