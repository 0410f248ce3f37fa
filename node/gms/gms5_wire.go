package gms

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// The messages that a busy group sends are few kinds with many entries, and
// encoding/json spends more time on them than the protocol does. What is here
// writes the same bytes, and reads what it wrote; anything else is left to
// encoding/json. So there is one encoding, which people and triggers can read.

// AppendJSON appends what an Encoder of encoding/json that escapes no HTML writes
// for the message, without a newline. It fails only for a payload that is no JSON.
func (m *gms5Message) AppendJSON(buf []byte) ([]byte, error) {
	if m.Ballot != nil || m.Accepted != nil || m.Value != nil || m.Decision != nil {
		return gms5AppendAny(buf, m)
	}
	start := len(buf)
	buf = gms5AppendText(append(buf, `{"kind":`...), m.Type)
	buf = gms5AppendInt(buf, `,"view":`, m.View)
	buf = gms5AppendInt(buf, `,"first":`, m.First)
	for i := range m.Entries {
		if i == 0 {
			buf = append(buf, `,"entries":[`...)
		} else {
			buf = append(buf, ',')
		}
		var ok bool
		if buf, ok = m.Entries[i].appendJSON(buf); !ok {
			return gms5AppendAny(buf[:start], m)
		}
	}
	if len(m.Entries) > 0 {
		buf = append(buf, ']')
	}
	buf = gms5AppendInt(buf, `,"n":`, m.N)
	buf = gms5AppendInt(buf, `,"commit":`, m.Commit)
	buf = gms5AppendInt(buf, `,"stable":`, m.Stable)
	buf = gms5AppendInt(buf, `,"at":`, int(m.At))
	if m.Leaving {
		buf = append(buf, `,"leaving":true`...)
	}
	if m.Member != "" {
		buf = gms5AppendText(append(buf, `,"member":`...), m.Member)
	}
	return append(buf, '}'), nil
}

// appendJSON is not ok for a payload that encoding/json might write in another way
// than it is.
func (e *gms5Entry) appendJSON(buf []byte) (_ []byte, ok bool) {
	buf = gms5AppendText(append(buf, `{"origin":`...), e.Origin)
	buf = strconv.AppendInt(append(buf, `,"seq":`...), int64(e.Seq), 10)
	buf = gms5AppendText(append(buf, `,"msg":`...), e.Msg)
	if len(e.Payload) > 0 {
		if gms5Plain(e.Payload) != len(e.Payload) {
			return buf, false
		}
		buf = append(append(buf, `,"payload":`...), e.Payload...)
	}
	return append(buf, '}'), true
}

func gms5AppendInt(buf []byte, key string, n int) []byte {
	if n == 0 {
		return buf
	}
	return strconv.AppendInt(append(buf, key...), int64(n), 10)
}

func gms5AppendText(buf []byte, text string) []byte {
	for i := range len(text) {
		if !gms5Printable(text[i]) {
			buf, _ = gms5AppendAny(buf, text) // there is no string that cannot be written
			return buf
		}
	}
	buf = append(append(buf, '"'), text...)
	return append(buf, '"')
}

func gms5AppendAny(buf []byte, v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return buf, err
	}
	return append(buf, bytes.TrimSuffix(out.Bytes(), []byte{'\n'})...), nil
}

// gms5Printable is a byte that stands for itself in a JSON string.
func gms5Printable(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }

// gms5Plain is the length of the JSON value that text begins with, if it is a
// string of such bytes or a natural number, which is all that our clients send;
// else 0.
func gms5Plain(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	if text[0] == '"' {
		for i, c := range text[1:] {
			switch {
			case c == '"':
				return i + 2
			case !gms5Printable(c):
				return 0
			}
		}
		return 0
	}
	return gms5Digits(text)
}

// gms5Digits is the length of the natural number that text begins with; 0 if there
// is none, if it may not fit an int, or if it goes on as another kind of number.
func gms5Digits(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	switch {
	case n > 18, n > 1 && text[0] == '0':
		return 0
	case n < len(text) && (text[n] == '.' || text[n] == 'e' || text[n] == 'E'):
		return 0
	}
	return n
}
