package edn

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Kind is what a value is.
type Kind uint8

// The kinds of values.
const (
	Nil Kind = iota
	Bool
	Number  // Text is as it stands, with N, M or a ratio's bar
	String  // Text is without quotes and escapes
	Char    // Text is the character
	Keyword // Text is without the colon
	Symbol
	List
	Vector
	Set
	Map    // Items are key, value, key, value, …
	Tagged // Text is the tag, Items[0] the value
)

// Value is one value with its place.
type Value struct {
	Kind      Kind
	Text      string
	Items     []Value
	Line, Col int // of its first character, from 1
}

// Get gives the value that a map holds for a keyword, a string or a symbol of that
// name, and false if it holds none or is no map. A tagged value counts as its
// value.
func (v Value) Get(name string) (Value, bool) {
	if v.Kind == Tagged {
		v = v.Items[0]
	}
	if v.Kind != Map {
		return Value{}, false
	}
	for i := len(v.Items) - 2; i >= 0; i -= 2 { // the last one counts
		switch k := v.Items[i]; k.Kind {
		case Keyword, String, Symbol:
			if k.Text == name {
				return v.Items[i+1], true
			}
		}
	}
	return Value{}, false
}

// JSON says the value in JSON, as nearly as that can: keywords, symbols and
// characters become strings of their names, ratios strings, sets arrays, and a
// tagged value what it tags. Keys of maps that are no names become strings of
// their JSON.
func (v Value) JSON() json.RawMessage { return v.appendJSON(nil) }

func (v Value) appendJSON(b []byte) []byte {
	switch v.Kind {
	case Nil:
		return append(b, "null"...)
	case Bool:
		return append(b, v.Text...)
	case Number:
		return appendNumber(b, v.Text)
	case List, Vector, Set:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	case Map:
		b = append(b, '{')
		for i := 0; i < len(v.Items); i += 2 {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, v.Items[i].name()), ':')
			b = v.Items[i+1].appendJSON(b)
		}
		return append(b, '}')
	case Tagged:
		return v.Items[0].appendJSON(b)
	}
	return appendText(b, v.Text)
}

func (v Value) name() string {
	switch v.Kind {
	case Keyword, String, Symbol, Char, Number:
		return v.Text
	}
	return string(v.JSON())
}

// appendNumber says a number as JSON has it. What JSON has no number for is a
// string.
func appendNumber(b []byte, text string) []byte {
	digits := strings.TrimPrefix(strings.TrimRight(text, "NM"), "+")
	if sign, rest, found := strings.Cut(digits, "."); found && rest == "" {
		digits = sign // 1. is 1
	}
	if json.Valid([]byte(digits)) {
		return append(b, digits...)
	}
	return appendText(b, text)
}

func appendText(b []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("edn: a string has no JSON: %v", err)) // every string has one
	}
	return append(b, quoted...)
}
