package gms

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
)

// The messages that a busy group sends are few kinds with many entries, and
// encoding/json spends more time on them than the protocol does. What is here
// writes the same bytes, but for one thing: an entry that is its origin's next after
// the one before it may lack origin and number. It reads what it wrote; anything else
// is left to encoding/json. So there is one encoding, which people and triggers can
// read.

// AppendJSON appends what an Encoder of encoding/json that escapes no HTML writes
// for the message, without a newline and what its entries may lack. It fails only for
// a payload that is no JSON.
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
		if buf, ok = m.Entries[i].appendJSON(buf, i > 0 && m.Entries[i].follows(&m.Entries[i-1])); !ok {
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

// appendJSON writes an entry, without origin and number if it follows the one before.
// It is not ok for a payload that encoding/json might write in another way than it is.
func (e *gms5Entry) appendJSON(buf []byte, follows bool) (_ []byte, ok bool) {
	if follows {
		buf = append(buf, `{"msg":`...)
	} else {
		buf = gms5AppendText(append(buf, `{"origin":`...), e.Origin)
		buf = strconv.AppendInt(append(buf, `,"seq":`...), int64(e.Seq), 10)
		buf = append(buf, `,"msg":`...)
	}
	buf = gms5AppendText(buf, e.Msg)
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
	if text[0] != '"' {
		return gms5Digits(text)
	}
	n := bytes.IndexByte(text[1:], '"')
	if n < 0 || !gms5AllPrintable(text[1:n+1]) {
		return 0
	}
	return n + 2
}

// gms5AllPrintable reports whether every byte of text, in which there is no quote,
// stands for itself in a JSON string. Eight of them are looked at together: in each
// byte of a word, the highest bit says that this one does not.
func gms5AllPrintable(text []byte) bool {
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
		if !gms5Printable(c) {
			return false
		}
	}
	return true
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
