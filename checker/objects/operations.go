package objects

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/trace"
)

// operation is one that the model has. What linear.Op calls Call and Return are the
// indexes of its events.
type operation struct {
	linear.Op
	kind    *ModelOperation
	process string
	named   bool // the message that carries it has a name
	failed  bool // it had no effect and never will
	acked   bool
}

// key is one object: its values in words, by number, and what they stand for.
type key struct {
	name   string
	values []string
	means  linear.Values
	moved  int64 // by how much a counter can have moved at most
}

// Operations collects a history's operations in one pass over its events, names of
// keys and values turned into numbers. They are judged at the end.
type Operations struct {
	model  chosen
	picked bool // somebody chose the model: an operation that it has not is not understood
	search linear.Searcher
	show   func(*linear.Picture) // nil: nobody wants a picture
	list   []operation
	keys   []key
	agreed []int32 // those whose message was delivered, in the order of first deliveries
	faults []fault // for the picture

	odd    int64 // operations that could not be understood
	oddAt  int64 // index of the first
	oddWhy error

	names  map[string]int32
	values map[keyedText]int32
}

type keyedText struct {
	key  int32
	text string
}

// Open begins with none, on what spec chooses of Models; "": the first.
// Search decides what only a search decides; the zero Searcher: linear.InProcess. Show, if it is not
// nil, is given what to draw. The error says what is wrong with spec.
func Open(spec string, search linear.Searcher, show func(*linear.Picture)) (*Operations, error) {
	model := usual
	if spec != "" {
		var err error
		if model, err = chooseModel(spec); err != nil {
			return nil, err
		}
	}
	o := newOperations(model, spec != "")
	o.show = show
	if search.Search != nil {
		o.search = search
	}
	return o, nil
}

func newOperations(model chosen, picked bool) *Operations {
	return &Operations{
		model: model, picked: picked, search: linear.InProcess,
		names: map[string]int32{}, values: map[keyedText]int32{},
	}
}

// Invoke takes an invocation and gives its number, none if it is no operation of
// the model or its value could not be understood.
func (o *Operations) Invoke(e *history.Event) int32 {
	at := o.model.operation(e.F)
	if at < 0 {
		if o.picked && !slices.Contains([]string{"multicast", "join", "leave"}, e.F) {
			o.misunderstood(e, fmt.Errorf("the model %s has no %s", o.model.Name, e.F))
		}
		return trace.None
	}
	kind := &o.model.Operations[at]
	v, err := splitValue(e.Value)
	if err == nil && o.model.keyed && v.key == "" {
		err = errNoKey
	}
	if err != nil {
		o.misunderstood(e, err)
		return trace.None
	}
	op := operation{kind: kind, process: e.Process, named: e.Msg != ""}
	op.Kind, op.Key = kind.kind, o.keyID(v.key)
	op.Call, op.Return, op.Maybe = e.Index, linear.Open, true
	switch {
	case kind.swaps != [2]int32{}:
		op.From, op.Value = kind.swaps[0], kind.swaps[1]
	case kind.takes == aPair:
		from, to := v.pair()
		op.From, op.Value = o.anyID(op.Key, from), o.anyID(op.Key, to)
	case kind.kind == linear.Enqueue && isNull(v.value):
		err = errors.New("null is no value to enqueue: a dequeue of null found the queue empty")
	case kind.takes != nothing:
		op.Value, err = o.valueID(op.Key, kind.takes, v.value)
	}
	if op.Kind == linear.Append {
		op.From = linear.Unplaced
	}
	if err == nil && op.Kind == linear.Add && o.model.object == linear.Counter {
		err = o.keys[op.Key].move(op.Value)
	}
	if err != nil {
		o.misunderstood(e, err)
		return trace.None
	}
	o.list = append(o.list, op)
	return int32(len(o.list) - 1)
}

// Complete takes the completion of an operation.
func (o *Operations) Complete(e *history.Event, id int32) {
	op := &o.list[id]
	switch e.Type {
	case history.Fail:
		op.failed = true
	case history.OK:
		says, err := o.answer(op, e.Value)
		if err != nil {
			o.misunderstood(e, err)
			return
		}
		op.acked = true
		if says {
			op.Maybe, op.Return = false, e.Index
		}
	}
}

// answer takes an operation's answer, and reports false if it says nothing, not
// even that the operation took effect.
func (o *Operations) answer(op *operation, raw json.RawMessage) (says bool, err error) {
	if op.kind.gives == nothing {
		return true, nil
	}
	v, err := splitValue(raw)
	if err != nil {
		return false, err
	}
	silent := isNull(v.value)
	switch {
	case op.Kind == linear.Append:
		op.From, err = o.place(v)
	case len(v.value) == 0:
		return false, errNoValue
	case silent && o.model.anyNil:
		return false, nil
	case silent && o.model.object != linear.Register:
		op.Value = linear.Nil // nothing was there, or nothing yet
	default:
		op.Value, err = o.valueID(op.Key, op.kind.gives, v.value)
	}
	return true, err
}

// Delivered notes the first delivery of the message that carries an operation.
func (o *Operations) Delivered(id int32) {
	if id != trace.Unmodelled {
		o.agreed = append(o.agreed, id)
	}
}

// misunderstood counts an operation of which nothing can be said.
func (o *Operations) misunderstood(e *history.Event, why error) {
	if o.odd++; o.odd == 1 {
		o.oddAt, o.oddWhy = e.Index, why
	}
}

// keyID numbers a key by its canonical text.
func (o *Operations) keyID(name string) int32 {
	id := trace.Number(o.names, name)
	if int(id) == len(o.keys) {
		plain := name
		if name == "" {
			plain = o.model.noun
		} else if json.Unmarshal([]byte(name), &plain) != nil {
			plain = name // a key that is no string
		}
		o.keys = append(o.keys, key{name: plain, values: []string{o.model.initial}})
		if err := o.fits(&o.model, o.model.initial); err != nil {
			panic("checker: " + err.Error()) // chooseModel has tried it
		}
		if o.model.Name == "mutex" {
			o.keys[id].values = append(o.keys[id].values, `"held"`)
		}
	}
	return id
}

// canonical is a JSON value as text, the same for strings that are escaped in other
// ways, and for objects that differ in white space and in the order of their keys.
// Numbers stay as they are written.
func canonical(raw json.RawMessage) string {
	switch {
	case len(raw) == 0:
		return "null"
	case raw[0] != '{' && raw[0] != '[' && bytes.IndexByte(raw, '\\') < 0 && !bytes.Contains(raw, alwaysEscaped):
		return string(raw)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if dec.Decode(&v) == nil && enc.Encode(v) == nil {
		return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
	}
	return string(raw)
}

// alwaysEscaped is how the two characters begin that encoding/json writes as escapes
// whatever it is told, U+2028 and U+2029.
var alwaysEscaped = []byte{0xe2, 0x80}
