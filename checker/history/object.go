package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// syntax reports what keeps line from being one JSON object, with the column of
// the first bad byte (first = 1), or "" if nothing does. cut is true where the
// line is the beginning of an object and only its end is missing.
func syntax(line []byte) (problem string, column int, cut bool) {
	if json.Valid(line) && utf8.Valid(line) {
		if trimmed := bytes.TrimLeft(line, " \t\r"); trimmed[0] != '{' {
			return "not a JSON object", 1 + len(line) - len(trimmed), false
		}
		return "", 0, false
	}
	if at := badByte(line); at >= 0 {
		return "binary data, not text in UTF-8; is this the right file?", at + 1, false
	}
	var any map[string]json.RawMessage
	err := json.Unmarshal(line, &any)
	var bad *json.SyntaxError
	if !errors.As(err, &bad) {
		return "not a JSON object", 1, false
	}
	if endsEarly(line, bad) {
		return "the line ends in the middle of an object", len(line) + 1, true
	}
	return bad.Error(), int(max(bad.Offset, 1)), false
}

// endsEarly reports whether bad is about the end of the line only. encoding/json
// stands a space in for the end, and names it where a token is half done.
func endsEarly(line []byte, bad *json.SyntaxError) bool {
	if int(bad.Offset) < len(line) {
		return false
	}
	return bad.Error() == "unexpected end of JSON input" ||
		line[len(line)-1] != ' ' && strings.Contains(bad.Error(), "invalid character ' '")
}

// badByte finds the first byte that text in UTF-8 never holds, or -1. An
// incomplete character at the very end is only a cut.
func badByte(line []byte) int {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		switch {
		case !utf8.FullRune(line[i:]):
			return -1
		case r == 0, r == utf8.RuneError && n == 1:
			return i
		}
		i += n
	}
	return -1
}

// eachKey calls f for every key of the object in line, with the key's and the
// value's bytes as they stand there and the value's column. The line must have
// passed syntax: eachKey finds its way without checking it again.
func eachKey(line []byte, f func(key, value []byte, column int) error) error {
	i := bytes.IndexByte(line, '{') + 1
	for {
		i = skipSpace(line, i)
		if line[i] == '}' {
			return nil
		}
		if line[i] == ',' {
			i = skipSpace(line, i+1)
		}
		end := skipString(line, i)
		key := line[i+1 : end-1]
		i = skipSpace(line, skipSpace(line, end)+1) // over the colon
		end = skipValue(line, i)
		if err := f(key, line[i:end], i+1); err != nil {
			return err
		}
		i = end
	}
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// skipString gives the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// skipValue gives the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
}
