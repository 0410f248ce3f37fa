package edn

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads the value that begins with c, which is only peeked at.
func (r *Reader) value(c byte, depth int) (Value, error) {
	v := Value{Line: r.line, Col: r.col}
	if depth > MaxDepth {
		return v, r.fail("nested deeper than %d", MaxDepth)
	}
	switch c {
	case '(', '[', '{':
		_, _ = r.take()
		v.Kind = map[byte]Kind{'(': List, '[': Vector, '{': Map}[c]
		return r.items(v, closer(c), depth)
	case ')', ']', '}':
		return v, r.fail("%q closes nothing", c)
	case '"':
		return r.text(v)
	case '\\':
		return r.char(v)
	case '#':
		return r.dispatch(v, depth)
	}
	word, err := r.word()
	if err != nil {
		return v, err
	}
	return r.atom(v, word)
}

func (r *Reader) items(v Value, closing byte, depth int) (Value, error) {
	for {
		c, err := r.skip(depth + 1)
		if err != nil {
			return v, r.inside(err)
		}
		if c == closing {
			_, _ = r.take()
			if v.Kind == Map && len(v.Items)%2 != 0 {
				return v, &Error{v.Line, v.Col, "a map with a key that has no value"}
			}
			return v, nil
		}
		item, err := r.value(c, depth+1)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
	}
}

// dispatch reads what a # begins: a set or a tagged value.
func (r *Reader) dispatch(v Value, depth int) (Value, error) {
	_, _ = r.take()
	c, err := r.peek()
	if err != nil {
		return v, r.inside(err)
	}
	switch c {
	case '{':
		_, _ = r.take()
		v.Kind = Set
		return r.items(v, '}', depth)
	case '#': // ##Inf, ##NaN
		_, _ = r.take()
		name, err := r.word()
		v.Kind, v.Text = Symbol, "##"+name
		return v, err
	}
	tag, err := r.word()
	if err != nil {
		return v, err
	}
	if tag == "" || strings.HasPrefix(tag, ":") {
		return v, &Error{v.Line, v.Col, "# begins neither a set nor a tagged value"}
	}
	if c, err = r.skip(depth + 1); err != nil {
		return v, r.inside(err)
	}
	inner, err := r.value(c, depth+1)
	v.Kind, v.Text, v.Items = Tagged, tag, []Value{inner}
	return v, err
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f", '"': `"`, '\\': `\`}

func (r *Reader) text(v Value) (Value, error) {
	v.Kind = String
	_, _ = r.take()
	var b strings.Builder
	for {
		c, err := r.take()
		switch {
		case err != nil:
			return v, err
		case c == '"':
			if v.Text = b.String(); !utf8.ValidString(v.Text) {
				return v, &Error{v.Line, v.Col, "a string that is not UTF-8"}
			}
			return v, nil
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		if c, err = r.take(); err != nil {
			return v, err
		}
		if plain, ok := escapes[c]; ok {
			b.WriteString(plain)
		} else if err := r.code(c, &b); err != nil {
			return v, err
		}
	}
}

// code reads the four digits of \uXXXX, and the second half of a pair.
func (r *Reader) code(c byte, b *strings.Builder) error {
	if c != 'u' {
		return r.fail("unknown escape \\%c in a string", c)
	}
	n, err := r.hex()
	if err != nil {
		return err
	}
	if next, _ := r.src.Peek(2); n >= 0xd800 && n < 0xdc00 && string(next) == `\u` {
		_, _ = r.take()
		_, _ = r.take()
		low, err := r.hex()
		if err != nil {
			return err
		}
		if low >= 0xdc00 && low < 0xe000 {
			n = 0x10000 + (n-0xd800)<<10 + (low - 0xdc00)
		}
	}
	b.WriteRune(n)
	return nil
}

func (r *Reader) hex() (rune, error) {
	var digits [4]byte
	for i := range digits {
		c, err := r.take()
		if err != nil {
			return 0, err
		}
		digits[i] = c
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return 0, r.fail("\\u needs four hexadecimal digits")
	}
	return rune(n), nil
}

var named = map[string]string{"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "backspace": "\b", "formfeed": "\f"}

func (r *Reader) char(v Value) (Value, error) {
	v.Kind = Char
	_, _ = r.take()
	c, err := r.take()
	if err != nil {
		return v, err
	}
	rest, err := r.word() // the character itself may be one that ends words
	if err != nil {
		return v, err
	}
	v.Text = string([]byte{c}) + rest
	if plain, ok := named[v.Text]; ok {
		v.Text = plain
		return v, nil
	}
	if c == 'u' && len(rest) == 4 {
		if n, err := strconv.ParseUint(rest, 16, 16); err == nil {
			v.Text = string(rune(n))
			return v, nil
		}
	}
	if utf8.RuneCountInString(v.Text) != 1 || !utf8.ValidString(v.Text) {
		return v, &Error{v.Line, v.Col, "unknown character \\" + v.Text}
	}
	return v, nil
}

// word reads up to white space or what ends a word.
func (r *Reader) word() (string, error) {
	var b strings.Builder
	for {
		c, err := r.peek()
		if errors.Is(err, errDone) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		if isSpace(c) || strings.IndexByte("()[]{}\";\\", c) >= 0 {
			return b.String(), nil
		}
		if c, err = r.take(); err != nil {
			return "", err
		}
		b.WriteByte(c)
	}
}

var number = regexp.MustCompile(`^[+-]?[0-9]+(N|/[0-9]+|(\.[0-9]*)?([eE][+-]?[0-9]+)?M?)$`)

func (r *Reader) atom(v Value, word string) (Value, error) {
	switch {
	case !utf8.ValidString(word):
		return v, &Error{v.Line, v.Col, "binary data, not text in UTF-8; is this the right file?"}
	case word == "nil":
		return v, nil
	case word == "true" || word == "false":
		v.Kind = Bool
	case word[0] == ':' && len(word) > 1:
		v.Kind, word = Keyword, word[1:]
	case word[0] >= '0' && word[0] <= '9', len(word) > 1 && (word[0] == '-' || word[0] == '+') && word[1] >= '0' && word[1] <= '9':
		if !number.MatchString(word) {
			return v, &Error{v.Line, v.Col, strconv.Quote(word) + " begins like a number and is none"}
		}
		v.Kind = Number
	case word == ":":
		return v, &Error{v.Line, v.Col, "a keyword without a name"}
	default:
		v.Kind = Symbol
	}
	v.Text = word
	return v, nil
}
