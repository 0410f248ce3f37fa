package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
)

// AppendJSON appends what an Encoder of encoding/json that escapes no HTML writes
// for the message, without a newline and what its entries may lack. It fails only for
// a payload that is no JSON.
func (m *Message) AppendJSON(buf []byte) ([]byte, error) {
	if m.Ballot != nil || m.Accepted != nil || m.Value != nil || m.Decision != nil {
		return appendAny(buf, m)
	}
	start := len(buf)
	buf = appendText(append(buf, `{"kind":`...), m.Type)
	buf = appendInt(buf, `,"view":`, m.View)
	buf = appendInt(buf, `,"first":`, m.First)
	for i := range m.Entries {
		if i == 0 {
			buf = append(buf, `,"entries":[`...)
		} else {
			buf = append(buf, ',')
		}
		var ok bool
		if buf, ok = m.Entries[i].appendJSON(buf, i > 0 && m.Entries[i].follows(&m.Entries[i-1])); !ok {
			return appendAny(buf[:start], m)
		}
	}
	if len(m.Entries) > 0 {
		buf = append(buf, ']')
	}
	buf = appendInt(buf, `,"n":`, m.N)
	buf = appendInt(buf, `,"commit":`, m.Commit)
	buf = appendInt(buf, `,"stable":`, m.Stable)
	buf = appendInt(buf, `,"at":`, int(m.At))
	if m.Leaving {
		buf = append(buf, `,"leaving":true`...)
	}
	if m.Member != "" {
		buf = appendText(append(buf, `,"member":`...), m.Member)
	}
	return append(buf, '}'), nil
}

// appendJSON writes an entry, without origin and number if it follows the one before.
// It is not ok for a payload that encoding/json might write in another way than it is.
func (e *Entry) appendJSON(buf []byte, follows bool) (_ []byte, ok bool) {
	if follows {
		buf = append(buf, `{"msg":`...)
	} else {
		buf = appendText(append(buf, `{"origin":`...), e.Origin)
		buf = strconv.AppendInt(append(buf, `,"seq":`...), int64(e.Seq), 10)
		buf = append(buf, `,"msg":`...)
	}
	buf = appendText(buf, e.Msg)
	if len(e.Payload) > 0 {
		if plain(e.Payload) != len(e.Payload) {
			return buf, false
		}
		buf = append(append(buf, `,"payload":`...), e.Payload...)
	}
	return append(buf, '}'), true
}

func appendInt(buf []byte, key string, n int) []byte {
	if n == 0 {
		return buf
	}
	return strconv.AppendInt(append(buf, key...), int64(n), 10)
}

func appendText(buf []byte, text string) []byte {
	for i := range len(text) {
		if !printable(text[i]) {
			buf, _ = appendAny(buf, text) // there is no string that cannot be written
			return buf
		}
	}
	buf = append(append(buf, '"'), text...)
	return append(buf, '"')
}

func appendAny(buf []byte, v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return buf, err
	}
	return append(buf, bytes.TrimSuffix(out.Bytes(), []byte{'\n'})...), nil
}

// printable is a byte that stands for itself in a JSON string.
func printable(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }

// plain is the length of the JSON value that text begins with, if it is a
// string of such bytes or a natural number, which is all that our clients send;
// else 0.
func plain(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	if text[0] != '"' {
		return digits(text)
	}
	n := bytes.IndexByte(text[1:], '"')
	if n < 0 || !allPrintable(text[1:n+1]) {
		return 0
	}
	return n + 2
}

// allPrintable reports whether every byte of text, in which there is no quote,
// stands for itself in a JSON string. Eight of them are looked at together: in each
// byte of a word, the highest bit says that this one does not.
func allPrintable(text []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		w := binary.LittleEndian.Uint64(text)
		control := (w - ones*' ') & ^w
		backslash := w ^ ones*'\\'
		backslash = (backslash - ones) & ^backslash
		above := w + ones // 0x7f becomes 0x80; what is above has the bit already
		if (control|backslash|above|w)&highs != 0 {
			return false
		}
	}
	for _, c := range text {
		if !printable(c) {
			return false
		}
	}
	return true
}

// digits is the length of the natural number that text begins with; 0 if there
// is none, if it may not fit an int, or if it goes on as another kind of number.
func digits(text []byte) int {
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
