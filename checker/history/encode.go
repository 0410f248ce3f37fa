package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// appendEvent appends e as one line, newline included. Keys come in the order of
// the struct, empty ones are left out. It fails for a raw value that is no JSON.
func appendEvent(b []byte, e *Event) ([]byte, error) {
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, e.Index, 10)
	b = append(b, `,"time":`...)
	b = strconv.AppendInt(b, e.Time, 10)
	b = appendText(b, "type", string(e.Type))
	b = appendText(b, "node", e.Node)
	b = appendText(b, "member", e.Member)
	if e.PID != 0 {
		b = strconv.AppendInt(append(b, `,"pid":`...), int64(e.PID), 10)
	}
	b = appendText(b, "how", e.How)
	if e.Code != nil {
		b = strconv.AppendInt(append(b, `,"code":`...), int64(*e.Code), 10)
	}
	b = appendText(b, "asked", e.Asked)
	b = appendText(b, "cause", e.Cause)
	b = appendTexts(b, "log", e.Log)
	b = appendText(b, "process", e.Process)
	b = appendText(b, "f", e.F)
	b, err := appendRaw(b, "value", e.Value)
	if err != nil {
		return nil, err
	}
	b = appendText(b, "error", e.Error)
	b = appendText(b, "msg", e.Msg)
	b = appendText(b, "sender", e.Sender)
	b = appendText(b, "view", e.View)
	b = appendTexts(b, "members", e.Members)
	if e.Primary != nil {
		b = strconv.AppendBool(append(b, `,"primary":`...), *e.Primary)
	}
	if e.After != nil {
		b = appendString(appendKey(b, "after"), *e.After)
	}
	b = appendText(b, "state", e.State)
	b = appendText(b, "fault", e.Fault)
	b = appendText(b, "id", e.ID)
	b = appendText(b, "phase", e.Phase)
	if b, err = appendRaw(b, "evidence", e.Evidence); err != nil {
		return nil, err
	}
	b = appendText(b, "reason", e.Reason)
	if len(e.Extra) > 0 {
		for _, key := range slices.Sorted(maps.Keys(e.Extra)) {
			if b, err = appendRaw(b, key, e.Extra[key]); err != nil {
				return nil, err
			}
		}
	}
	return append(b, '}', '\n'), nil
}

func appendText(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(append(append(append(b, ',', '"'), key...), '"', ':'), value)
}

func appendTexts(b []byte, key string, values []string) []byte {
	if values == nil {
		return b
	}
	b = append(appendKey(b, key), '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, v)
	}
	return append(b, ']')
}

// appendRaw appends a value that is JSON already, on one line.
func appendRaw(b []byte, key string, value json.RawMessage) ([]byte, error) {
	if len(value) == 0 {
		return b, nil
	}
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' && plainText(value[1:n-1]) {
		return append(appendKey(b, key), value...), nil // most values are a message's id
	}
	if !json.Valid(value) {
		return nil, fmt.Errorf("%q of an event must be JSON, not %s", key, clip(value))
	}
	b = appendKey(b, key)
	if bytes.IndexByte(value, '\n') < 0 {
		return append(b, value...), nil
	}
	var flat bytes.Buffer
	if err := json.Compact(&flat, value); err != nil {
		return nil, fmt.Errorf("%q of an event: %w", key, err)
	}
	return append(b, flat.Bytes()...), nil
}

func appendKey(b []byte, key string) []byte {
	b = appendString(append(b, ','), key)
	return append(b, ':')
}

// plainText reports whether s stands in JSON as it is.
func plainText[T string | json.RawMessage](s T) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendString appends a JSON string. Bytes that are no UTF-8 become U+FFFD, as
// encoding/json has it: what a node says must not make a history unreadable.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	if plainText(s) {
		return append(append(b, s...), '"')
	}
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && (r != utf8.RuneError || n > 1) {
			i += n
			continue
		}
		b = append(b, s[from:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = append(b, "\ufffd"...)
		}
		i += n
		from = i
	}
	return append(append(b, s[from:]...), '"')
}
