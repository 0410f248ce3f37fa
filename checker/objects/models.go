package objects

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"groupy/checker/linear"
)

// Model is an object, of which a history's operations may be. Linearizability is
// judged by one model.
type Model struct {
	Name       string
	Sentence   string
	Operations []ModelOperation
	Parameters []string // names of Parameters

	object  linear.Object
	initial string // by default, as JSON
	keyed   bool   // every value names its key
	noun    string // for where values name no key
	many    string // its operations, in words
	vacuous string // why a history without answers proves nothing
}

// ModelOperation is one kind of operation of a model.
type ModelOperation struct {
	F        string
	Sentence string // what its values are, when it is asked and when it is answered

	kind   linear.Kind
	takes  shape  // the value that it is asked with
	gives  shape  // the value of its answer
	begins string // in a witness, of {key}, {value}, {from} and {place}
	does   string
	swaps  [2]int32 // of a mutex: from, to
}

// shape is what a value looks like.
type shape int

const (
	nothing shape = iota // whatever it is, it does not matter
	anyValue
	aPair   // {"from":a,"to":b} or [a,b]
	aNumber // a whole number
	aList
	aText
	aPlace // p, [p,v] or {"position":p}
)

// Parameters of models, with what they mean.
var Parameters = []struct{ Name, Sentence string }{
	{"initial", "what the object holds before anything is done, as JSON"},
	{"nil", "what a read of null means: value (it found null, or nothing yet; the default) or any (it says nothing)"},
	{"first", "the position of a log's first entry (default 0)"},
}

// Models is the visible list. The first is the one of histories for which nobody
// chose another.
var Models = []Model{
	{
		Name: "map", Sentence: "registers by key", object: linear.Register, initial: "null", keyed: true,
		Parameters: []string{"initial", "nil"}, Operations: registerOperations,
		many: "reads, writes and cas", vacuous: "nothing was read: no read and no cas took effect, so that every order of the writes fits",
	},
	{
		Name: "register", Sentence: "one register, or several by key", object: linear.Register, initial: "null", noun: "the register",
		Parameters: []string{"initial", "nil"}, Operations: registerOperations,
		many: "reads, writes and cas", vacuous: "nothing was read: no read and no cas took effect, so that every order of the writes fits",
	},
	{
		Name: "counter", Sentence: "a sum of whole numbers", object: linear.Counter, initial: "0", noun: "the counter",
		Parameters: []string{"initial", "nil"},
		many:       "adds and reads", vacuous: "nothing was read: no read took effect, so that every order of the adds fits",
		Operations: []ModelOperation{
			{F: "add", Sentence: "a whole number, also below 0; the answer's value does not matter", kind: linear.Add, takes: aNumber, begins: "begins to add {value} to {key}", does: "adds {value} to {key}"},
			{F: "read", Sentence: "answered with the sum", kind: linear.Read, gives: aNumber, begins: "begins to read {key}", does: "reads {value} from {key}"},
		},
	},
	{
		Name: "set", Sentence: "a set that only grows and is read as a whole", object: linear.Set, initial: "[]", noun: "the set",
		Parameters: []string{"initial", "nil"},
		many:       "adds and reads", vacuous: "nothing was read: no read took effect, so that every order of the adds fits",
		Operations: []ModelOperation{
			{F: "add", Sentence: "any value", kind: linear.Add, takes: anyValue, begins: "begins to add {value} to {key}", does: "adds {value} to {key}"},
			{F: "read", Sentence: "answered with the list of all elements, in any order", kind: linear.Read, gives: aList, begins: "begins to read {key}", does: "reads {value} from {key}"},
		},
	},
	{
		Name: "queue", Sentence: "a queue, first in, first out", object: linear.Queue, initial: "[]", noun: "the queue",
		Parameters: []string{"initial"},
		many:       "enqueues and dequeues", vacuous: "nothing was dequeued: no dequeue took effect, so that every order of the enqueues fits",
		Operations: []ModelOperation{
			{F: "enqueue", Sentence: "any value but null", kind: linear.Enqueue, takes: anyValue, begins: "begins to enqueue {value} in {key}", does: "enqueues {value} in {key}"},
			{F: "dequeue", Sentence: "answered with the value taken out, null if the queue was empty", kind: linear.Dequeue, gives: anyValue, begins: "begins to dequeue from {key}", does: "dequeues {value} from {key}"},
		},
	},
	{
		Name: "mutex", Sentence: "a lock that one at most holds, whoever releases it", object: linear.Register, initial: `"free"`, noun: "the lock",
		many: "acquires and releases", vacuous: "nothing was acquired",
		Operations: []ModelOperation{
			{F: "acquire", Sentence: "no value; ok if it was granted", kind: linear.CAS, swaps: [2]int32{0, 1}, begins: "begins to acquire {key}", does: "acquires {key}"},
			{F: "release", Sentence: "no value; ok if it was held", kind: linear.CAS, swaps: [2]int32{1, 0}, begins: "begins to release {key}", does: "releases {key}"},
		},
	},
	{
		Name: "log", Sentence: "a log whose append returns its position", object: linear.Log, initial: "[]", noun: "the log",
		Parameters: []string{"initial", "nil", "first"},
		many:       "appends and reads", vacuous: "nothing was answered: no append told its position and no read took effect, so that every order of the appends fits",
		Operations: []ModelOperation{
			{F: "append", Sentence: `any value; answered with its position p as p, [p,v] or {"position":p}, or with null`, kind: linear.Append, takes: anyValue, gives: aPlace, begins: "begins to append {value} to {key}", does: "appends {value} to {key}{place}"},
			{F: "read", Sentence: "answered with the list of all entries", kind: linear.Read, gives: aList, begins: "begins to read {key}", does: "reads {value} from {key}"},
		},
	},
	{
		Name: "text", Sentence: "texts by key that grow at their end, as in porcupine's key-value tests", object: linear.Text, initial: `""`, noun: "the text",
		Parameters: []string{"initial", "nil"},
		many:       "gets, puts and appends", vacuous: "nothing was read: no get took effect, so that every order of the puts and appends fits",
		Operations: []ModelOperation{
			{F: "get", Sentence: "answered with the text", kind: linear.Read, gives: aText, begins: "begins to get {key}", does: "gets {value} from {key}"},
			{F: "put", Sentence: "a text", kind: linear.Write, takes: aText, begins: "begins to put {value} to {key}", does: "puts {value} to {key}"},
			{F: "append", Sentence: "a text", kind: linear.Append, takes: aText, begins: "begins to append {value} to {key}", does: "appends {value} to {key}"},
		},
	},
}

var registerOperations = []ModelOperation{
	{F: "read", Sentence: "answered with the value", kind: linear.Read, gives: anyValue, begins: "begins to read {key}", does: "reads {value} from {key}"},
	{F: "write", Sentence: "any value", kind: linear.Write, takes: anyValue, begins: "begins to write {value} to {key}", does: "writes {value} to {key}"},
	{F: "cas", Sentence: `{"from":a,"to":b} or [a,b]; fail if it did not find a`, kind: linear.CAS, takes: aPair, begins: "begins to replace {from} by {value} in {key}", does: "replaces {from} by {value} in {key}"},
}

// chosen is a model with its parameters.
type chosen struct {
	*Model
	initial string // canonical
	anyNil  bool   // a read of null says nothing
	first   int64
}

// usual is the model of histories for which nobody chose another.
var usual = chosen{Model: &Models[0], initial: Models[0].initial}

// chooseModel reads NAME[:parameter=value,…]. A comma that no parameter's name
// follows belongs to the value before it.
func chooseModel(spec string) (chosen, error) {
	name, rest, _ := strings.Cut(spec, ":")
	at := slices.IndexFunc(Models, func(m Model) bool { return m.Name == name })
	if at < 0 {
		var names []string
		for _, m := range Models {
			names = append(names, m.Name)
		}
		return chosen{}, fmt.Errorf("no model is called %q; there are %s", name, strings.Join(names, ", "))
	}
	c := chosen{Model: &Models[at], initial: Models[at].initial}
	var settings []string
	for _, part := range strings.Split(rest, ",") {
		before, _, found := strings.Cut(part, "=")
		if known := found && slices.ContainsFunc(Parameters, func(p struct{ Name, Sentence string }) bool { return p.Name == before }); known || len(settings) == 0 {
			settings = append(settings, part)
		} else {
			settings[len(settings)-1] += "," + part
		}
	}
	for _, s := range settings {
		if s == "" {
			continue
		}
		if err := c.Set(s); err != nil {
			return c, fmt.Errorf("model %s: %w", name, err)
		}
	}
	return c, nil
}

func (c *chosen) Set(setting string) error {
	name, value, _ := strings.Cut(setting, "=")
	if !slices.Contains(c.Parameters, name) {
		if len(c.Parameters) == 0 {
			return fmt.Errorf("it has no parameters, and none is called %q", name)
		}
		return fmt.Errorf("no parameter is called %q; there are %s", name, strings.Join(c.Parameters, ", "))
	}
	switch name {
	case "nil":
		if value != "value" && value != "any" {
			return fmt.Errorf("nil=%s: it is value or any", value)
		}
		c.anyNil = value == "any"
	case "first":
		first, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return fmt.Errorf("first=%s: it is a whole number", value)
		}
		c.first = first
	case "initial":
		if !json.Valid([]byte(value)) {
			return fmt.Errorf(`initial=%s: it is JSON; write a text as "…"`, value)
		}
		c.initial = canonical(json.RawMessage(value))
		if err := new(Operations).fits(c, c.initial); err != nil {
			return fmt.Errorf("initial=%s: %w", value, err)
		}
	}
	return nil
}

// operation finds the model's operation by its f, none if it has no such one.
func (m *Model) operation(f string) int {
	return slices.IndexFunc(m.Operations, func(o ModelOperation) bool { return o.F == f })
}
