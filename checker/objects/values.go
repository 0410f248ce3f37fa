package objects

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"groupy/checker/linear"
)

// opValue is the value of an operation's event, taken apart. The key is canonical
// text, "" without one; the others are nil where they are not there.
type opValue struct {
	key                       string
	value, from, to, position json.RawMessage
}

var (
	errNoKey   = errors.New("its value names no key (--model register judges one register without)")
	errNoValue = errors.New("its answer has no value")
)

// splitValue takes a value apart: an object with any of the keys key, value, from,
// to and position, or a value by itself.
func splitValue(raw json.RawMessage) (opValue, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return opValue{value: raw}, nil
	}
	var v struct {
		Key      *json.RawMessage `json:"key"`
		Value    json.RawMessage  `json:"value"`
		From     json.RawMessage  `json:"from"`
		To       json.RawMessage  `json:"to"`
		Position json.RawMessage  `json:"position"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return opValue{}, fmt.Errorf("its value %s: %w", raw, err)
	}
	if v.Key == nil && v.Value == nil && v.From == nil && v.To == nil && v.Position == nil {
		return opValue{value: raw}, nil
	}
	out := opValue{value: v.Value, from: v.From, to: v.To, position: v.Position}
	if v.Key != nil {
		out.key = canonical(*v.Key)
	}
	return out, nil
}

// pair is what a cas asks: from and to, or a list of the two.
func (v *opValue) pair() (from, to json.RawMessage) {
	var list []json.RawMessage
	if v.from == nil && v.to == nil && json.Unmarshal(v.value, &list) == nil && len(list) == 2 {
		return list[0], list[1]
	}
	return v.from, v.to
}

// place is the position that an append was answered with, from 0.
func (o *Operations) place(v opValue) (int32, error) {
	raw := v.position
	if raw == nil {
		raw = v.value
	}
	var list []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' {
		if json.Unmarshal(raw, &list) != nil || len(list) != 2 {
			return 0, fmt.Errorf("the position %s is not p, [p,v] or {\"position\":p}", raw)
		}
		raw = list[0]
	}
	if isNull(raw) {
		return linear.Unplaced, nil
	}
	p, err := strconv.ParseInt(string(raw), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("the position %s is no whole number below 2^31", raw)
	}
	if p -= o.model.first; p < 0 || p > maxPlace {
		p = maxPlace // nothing can be there
	}
	return int32(p), nil
}

const maxPlace = 1<<31 - 1

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// anyID numbers a value of any kind among those of its key.
func (o *Operations) anyID(k int32, raw json.RawMessage) int32 {
	return o.textID(k, canonical(raw))
}

// textID numbers a value by its canonical text. What a register holds at first is
// linear.Nil.
func (o *Operations) textID(k int32, text string) int32 {
	if o.model.object == linear.Register && text == o.model.initial {
		return linear.Nil
	}
	id, ok := o.values[keyedText{k, text}]
	if !ok {
		values := &o.keys[k].values
		id = int32(len(*values))
		o.values[keyedText{k, text}] = id
		*values = append(*values, text)
	}
	return id
}

// valueID numbers a value and learns what it stands for. The error says how it is
// not of the shape.
func (o *Operations) valueID(k int32, s shape, raw json.RawMessage) (int32, error) {
	text := canonical(raw)
	if s == aList {
		text = "list " + text // apart from an element that is a list
	}
	known := len(o.keys[k].values)
	id := o.textID(k, text)
	if int(id) < known {
		return id, nil
	}
	o.keys[k].values[id] = canonical(raw)
	err := o.learn(k, id, s, raw)
	if err != nil {
		delete(o.values, keyedText{k, text}) // it has no meaning, now and later
	}
	return id, err
}

// fits learns what the model's initial value stands for, for the latest key; or only
// tries, where there is none.
func (o *Operations) fits(c *chosen, initial string) error {
	if len(o.keys) == 0 {
		o = newOperations(*c, false)
		o.keys = []key{{values: []string{initial}}}
	}
	s := map[linear.Object]shape{linear.Counter: aNumber, linear.Set: aList, linear.Queue: aList, linear.Log: aList, linear.Text: aText}[c.object]
	return o.learn(int32(len(o.keys)-1), linear.Nil, s, json.RawMessage(initial))
}

// A counter's numbers are small enough for their sums to be.
const (
	mostAmount = 1 << 53
	mostMoved  = 1 << 62
)

// learn notes what a value stands for.
func (o *Operations) learn(k, id int32, s shape, raw json.RawMessage) error {
	switch s {
	case aNumber:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || n > mostAmount || n < -mostAmount {
			return fmt.Errorf("%.40s is no whole number of at most 2^53", raw)
		}
		set(&o.keys[k].means.Amounts, id, n)
	case aText:
		var text string
		if err := json.Unmarshal(raw, &text); err != nil || isNull(raw) {
			return fmt.Errorf("%.40s is no text", raw)
		}
		set(&o.keys[k].means.Texts, id, text)
	case aList:
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil || isNull(raw) {
			return fmt.Errorf("%.40s is no list", raw)
		}
		list := make([]int32, len(elements))
		for i, e := range elements {
			list[i] = o.anyID(k, e)
		}
		if o.model.object == linear.Set {
			slices.Sort(list)
			list = slices.Compact(list)
		}
		set(&o.keys[k].means.Lists, id, list)
	}
	return nil
}

// set stores an entry of a table that may still be too short.
func set[T any](table *[]T, at int32, x T) {
	for len(*table) <= int(at) {
		*table = append(*table, *new(T))
	}
	(*table)[at] = x
}

// move adds up how far a counter can have moved.
func (k *key) move(id int32) error {
	n := k.means.Amounts[id]
	if k.moved += max(n, -n); k.moved > mostMoved {
		return fmt.Errorf("the additions to %s are too many and too large for a sum below 2^62", k.name)
	}
	return nil
}
