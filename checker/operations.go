package checker

import (
	"bytes"
	"encoding/json"
	"slices"

	"groupy/checker/history"
	"groupy/checker/linear"
)

// The operations on a map that a history can hold, by their f.
const (
	opRead  = "read"
	opWrite = "write"
	opCAS   = "cas"
)

// operation is a read, write or cas. What linear.Op calls Call and Return are the
// indexes of its events.
type operation struct {
	linear.Op
	process string
	named   bool // the message that carries it has a name
	failed  bool // it had no effect and never will
	acked   bool
}

// key is one register of the map: its values in words, by number.
type key struct {
	name   string
	values []string
	ops    int // that took effect for certain
}

// operations turns names of keys and values into numbers.
type operations struct {
	keys   map[string]int32
	values map[keyedText]int32
}

type keyedText struct {
	key  int32
	text string
}

// opValue is the value of a read, write or cas.
type opValue struct {
	Key   *json.RawMessage `json:"key"`
	Value json.RawMessage  `json:"value"`
	From  json.RawMessage  `json:"from"`
	To    json.RawMessage  `json:"to"`
}

// operation takes an invocation; none if its value could not be understood.
func (b *builder) operation(e *history.Event) int32 {
	var v opValue
	if json.Unmarshal(e.Value, &v) != nil || v.Key == nil {
		b.t.odd++
		return none
	}
	op := operation{process: e.Process, named: e.Msg != ""}
	op.Key = b.keyID(canonical(*v.Key))
	op.Call, op.Return, op.Maybe = e.Index, linear.Open, true
	switch e.F {
	case opWrite:
		op.Kind, op.Value = linear.Write, b.valueID(op.Key, v.Value)
	case opCAS:
		op.Kind, op.From, op.Value = linear.CAS, b.valueID(op.Key, v.From), b.valueID(op.Key, v.To)
	}
	b.t.ops = append(b.t.ops, op)
	return int32(len(b.t.ops) - 1)
}

// operated takes a completion. A read that says nothing proves nothing.
func (b *builder) operated(e *history.Event, id int32) {
	op := &b.t.ops[id]
	switch e.Type {
	case history.Fail:
		op.failed = true
	case history.OK:
		if op.Kind == linear.Read {
			var v opValue
			if json.Unmarshal(e.Value, &v) != nil || v.Value == nil {
				b.t.odd++
				return
			}
			op.Value = b.valueID(op.Key, v.Value)
		}
		op.acked, op.Maybe, op.Return = true, false, e.Index
		b.t.keys[op.Key].ops++
	}
}

func (b *builder) keyID(name string) int32 {
	if b.ops.keys == nil {
		b.ops = operations{map[string]int32{}, map[keyedText]int32{}}
	}
	id := number(b.ops.keys, name)
	if int(id) == len(b.t.keys) {
		plain := name
		if json.Unmarshal([]byte(name), &plain) != nil {
			plain = name // a key that is no string
		}
		b.t.keys = append(b.t.keys, key{name: plain, values: []string{"null"}})
	}
	return id
}

// valueID gives a value's number among those of its key; no value and null are 0,
// what a key holds that nobody has written.
func (b *builder) valueID(k int32, raw json.RawMessage) int32 {
	text := canonical(raw)
	if text == "null" {
		return linear.Nil
	}
	id, ok := b.ops.values[keyedText{k, text}]
	if !ok {
		values := &b.t.keys[k].values
		id = int32(len(*values))
		b.ops.values[keyedText{k, text}] = id
		*values = append(*values, text)
	}
	return id
}

// canonical is a JSON value as text, the same for objects that differ in white
// space and in the order of their keys. Numbers stay as they are written.
func canonical(raw json.RawMessage) string {
	switch {
	case len(raw) == 0:
		return "null"
	case raw[0] != '{' && raw[0] != '[' && bytes.IndexByte(raw, '\\') < 0:
		return string(raw)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) == nil {
		if again, err := json.Marshal(v); err == nil {
			return string(again)
		}
	}
	return string(raw)
}

// uncarried takes the messages of operations that nobody delivered for what they
// may be: operations that the system answers without a message. What was asked and
// answered is then no multicast.
func (t *trace) uncarried() {
	idle := func(m int32) bool { return t.msgs[m].op != none && !t.msgs[m].delivered }
	for q := range t.members {
		s := &t.members[q]
		if !slices.ContainsFunc(s.sent, idle) {
			continue
		}
		s.sent = slices.DeleteFunc(s.sent, idle)
		for i, m := range s.sent {
			t.msgs[m].pos = int32(i)
		}
	}
	for i := range t.msgs {
		if m := &t.msgs[i]; m.op != none && !m.delivered {
			m.invokedAt, m.ackedAt, m.failedAt, m.sender = none, none, none, none
			t.stats.Messages--
		}
	}
}
