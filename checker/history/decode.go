package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// field is one known key of an event: how its value gets in.
type field func(d *decoder, e *Event, value []byte) error

// fields is the list of the keys that an event knows.
var fields = map[string]field{
	"index":    func(_ *decoder, e *Event, v []byte) error { return integer(&e.Index, v) },
	"time":     func(_ *decoder, e *Event, v []byte) error { return integer(&e.Time, v) },
	"type":     func(d *decoder, e *Event, v []byte) error { return d.text((*string)(&e.Type), v) },
	"node":     func(d *decoder, e *Event, v []byte) error { return d.text(&e.Node, v) },
	"member":   func(d *decoder, e *Event, v []byte) error { return d.text(&e.Member, v) },
	"how":      func(d *decoder, e *Event, v []byte) error { return d.text(&e.How, v) },
	"asked":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.Asked, v) },
	"cause":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.Cause, v) },
	"log":      func(d *decoder, e *Event, v []byte) error { return d.texts(&e.Log, v) },
	"process":  func(d *decoder, e *Event, v []byte) error { return d.text(&e.Process, v) },
	"f":        func(d *decoder, e *Event, v []byte) error { return d.text(&e.F, v) },
	"error":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.Error, v) },
	"msg":      func(d *decoder, e *Event, v []byte) error { return d.text(&e.Msg, v) },
	"sender":   func(d *decoder, e *Event, v []byte) error { return d.text(&e.Sender, v) },
	"view":     func(d *decoder, e *Event, v []byte) error { return d.text(&e.View, v) },
	"state":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.State, v) },
	"fault":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.Fault, v) },
	"id":       func(d *decoder, e *Event, v []byte) error { return d.text(&e.ID, v) },
	"phase":    func(d *decoder, e *Event, v []byte) error { return d.text(&e.Phase, v) },
	"reason":   func(d *decoder, e *Event, v []byte) error { return d.text(&e.Reason, v) },
	"value":    func(_ *decoder, e *Event, v []byte) error { e.Value = bytes.Clone(v); return nil },
	"evidence": func(_ *decoder, e *Event, v []byte) error { e.Evidence = bytes.Clone(v); return nil },
	"members":  func(d *decoder, e *Event, v []byte) error { return d.texts(&e.Members, v) },
	"after": func(d *decoder, e *Event, v []byte) error {
		e.After = new(string)
		return d.text(e.After, v)
	},
	"primary": func(_ *decoder, e *Event, v []byte) error {
		return other(&e.Primary, v, "true or false")
	},
	"pid":  func(_ *decoder, e *Event, v []byte) error { return other(&e.PID, v, "an integer") },
	"code": func(_ *decoder, e *Event, v []byte) error { return other(&e.Code, v, "an integer") },
}

// decoder turns a line into an event.
type decoder struct {
	interner
	guesses [keyCount + 1]keyGuess // by the key before; the last one is for the first key
}

// general is the general way to read a line: it takes any JSON and tells what is
// wrong with the rest, and where. cut says that only the line's end is missing.
func (d *decoder) general(line []byte, e *Event) (problem string, column int, cut bool) {
	if problem, column, cut := syntax(line); problem != "" {
		return problem, column, cut
	}
	problem, column = d.decode(line, e)
	return problem, column, false
}

// decode fills e from line, which must have passed syntax. A known key with a
// value of the wrong kind gives a problem and its column.
func (d *decoder) decode(line []byte, e *Event) (problem string, column int) {
	*e = Event{Index: -1}
	err := eachKey(line, func(key, value []byte, at int) error {
		column = at
		if bytes.IndexByte(key, '\\') >= 0 {
			var plain string
			if err := json.Unmarshal(slices.Concat([]byte{'"'}, key, []byte{'"'}), &plain); err != nil {
				return err
			}
			key = []byte(plain)
		}
		if set, ok := fields[string(key)]; ok {
			if err := set(d, e, value); err != nil {
				return fmt.Errorf("%q %w", key, err)
			}
			return nil
		}
		if e.Extra == nil {
			e.Extra = map[string]json.RawMessage{}
		}
		e.Extra[string(key)] = bytes.Clone(value)
		return nil
	})
	if err != nil {
		return err.Error(), column
	}
	return "", 0
}

// text takes a JSON string. null is the same as no value.
func (d *decoder) text(to *string, v []byte) error {
	if v[0] != '"' {
		if string(v) == "null" {
			*to = ""
			return nil
		}
		return fmt.Errorf("must be a string, not %s", clip(v))
	}
	raw := v[1 : len(v)-1]
	if bytes.IndexByte(raw, '\\') >= 0 {
		return json.Unmarshal(v, to)
	}
	*to = d.intern(raw)
	return nil
}

func (d *decoder) texts(to *[]string, v []byte) error {
	if v[0] != '[' {
		return fmt.Errorf("must be a list of strings, not %s", clip(v))
	}
	list := []string{}
	for i := skipSpace(v, 1); v[i] != ']'; {
		end := skipValue(v, i)
		var s string
		if err := d.text(&s, v[i:end]); err != nil {
			return err
		}
		list = append(list, s)
		i = skipSpace(v, end)
		if v[i] == ',' {
			i = skipSpace(v, i+1)
		}
	}
	*to = list
	return nil
}

func integer(to *int64, v []byte) error {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return fmt.Errorf("must be an integer, not %s", clip(v))
	}
	*to = n
	return nil
}

func other(to any, v []byte, kind string) error {
	if err := json.Unmarshal(v, to); err != nil {
		return fmt.Errorf("must be %s, not %s", kind, clip(v))
	}
	return nil
}

// clip shortens a value for an error's text.
func clip(v []byte) string {
	if len(v) > 40 {
		return string(v[:40]) + "…"
	}
	return string(v)
}
