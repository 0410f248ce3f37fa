package edn

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// Append writes the value as EDN, on one line.
func (v Value) Append(b []byte) []byte {
	switch v.Kind {
	case Nil:
		return append(b, "nil"...)
	case String:
		return appendString(b, v.Text)
	case Char:
		return appendChar(b, v.Text)
	case Keyword:
		return append(append(b, ':'), v.Text...)
	case List:
		return v.appendItems(append(b, '('), ')')
	case Vector:
		return v.appendItems(append(b, '['), ']')
	case Set:
		return v.appendItems(append(b, "#{"...), '}')
	case Map:
		return v.appendItems(append(b, '{'), '}')
	case Tagged:
		b = append(append(b, '#'), v.Text...)
		return v.Items[0].Append(append(b, ' '))
	}
	return append(b, v.Text...)
}

func (v Value) appendItems(b []byte, closing byte) []byte {
	for i, item := range v.Items {
		switch {
		case i == 0:
		case v.Kind == Map && i%2 == 0:
			b = append(b, ", "...)
		default:
			b = append(b, ' ')
		}
		b = item.Append(b)
	}
	return append(b, closing)
}

func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c < ' ' || c == 0x7f:
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = utf8.AppendRune(b, c)
		}
	}
	return append(b, '"')
}

func appendChar(b []byte, text string) []byte {
	for name, plain := range named {
		if plain == text {
			return append(append(b, '\\'), name...)
		}
	}
	if c, _ := utf8.DecodeRuneInString(text); c < ' ' {
		return append(append(b, `\u00`...), "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
	}
	return append(append(b, '\\'), text...)
}

var word = regexp.MustCompile(`^[A-Za-z*!_?$%&=<>][A-Za-z0-9*!_?$%&=<>.+'-]*$`)

// Name is the keyword of that name, or a string where a keyword cannot say it.
func Name(text string) Value {
	if word.MatchString(text) {
		return Value{Kind: Keyword, Text: text}
	}
	return Text(text)
}

// Text is a string.
func Text(text string) Value { return Value{Kind: String, Text: text} }

// Int is a whole number.
func Int(n int64) Value { return Value{Kind: Number, Text: strconv.FormatInt(n, 10)} }
