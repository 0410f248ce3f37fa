package linear

import (
	"hash/maphash"
	"slices"
)

// Object is what the operations of a key are done on.
type Object string

// The objects, with the kinds of operations that they take.
const (
	Register Object = "register" // Read, Write, CAS
	Counter  Object = "counter"  // Add, Read
	Set      Object = "set"      // Add, Read
	Queue    Object = "queue"    // Enqueue, Dequeue
	Log      Object = "log"      // Append, Read
	Text     Object = "text"     // Write, Append, Read
)

// Values says what the numbers of values stand for, where it matters: each list
// has an entry for every value that may be looked up in it.
type Values struct {
	Lists   [][]int32 `json:"lists,omitempty"`   // what a read of a set (in ascending order, each once) or of a log gave
	Amounts []int64   `json:"amounts,omitempty"` // of a counter
	Texts   []string  `json:"texts,omitempty"`
}

// machine is an object as a program: the state before anything was done, and what
// an operation makes of a state. Step never changes the state it is given; it
// reports false if the operation's answer cannot come of it. An operation that may
// have done nothing does what it can: to come last of all is to have done nothing.
type machine struct {
	init  any
	step  func(state any, op *Op) (any, bool)
	equal func(a, b any) bool
	// hash is the same for equal states, and seldom for others: the search finds the
	// states that it knows by it.
	hash func(state any) uint64
}

// machine gives the program of the object whose values are v.
func (o Object) machine(v *Values) machine {
	m := machine{equal: func(a, b any) bool { return a == b }}
	m.hash = func(state any) uint64 { return maphash.Comparable(hashSeed, state) }
	sameList := func(a, b any) bool { return slices.Equal(a.([]int32), b.([]int32)) }
	if o == Set || o == Queue || o == Log {
		m.hash = func(state any) uint64 { return hashList(state.([]int32)) }
	}
	switch o {
	case Counter:
		m.init, m.step = v.Amounts[Nil], v.stepCounter
	case Set:
		m.init, m.step, m.equal = v.Lists[Nil], v.stepSet, sameList
	case Queue:
		m.init, m.step, m.equal = v.Lists[Nil], stepQueue, sameList
	case Log:
		m.init, m.step, m.equal = v.Lists[Nil], v.stepLog, sameList
	case Text:
		m.init, m.step = v.Texts[Nil], v.stepText
	default:
		m.init, m.step = Nil, stepRegister
	}
	return m
}

// hashSeed is of this process: which bucket a state is in changes no answer.
var hashSeed = maphash.MakeSeed()

// hashList is FNV-1a over the numbers, each taken as one.
func hashList(list []int32) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range list {
		h = (h ^ uint64(uint32(v))) * 1099511628211
	}
	return h ^ h>>32
}

func stepRegister(state any, op *Op) (any, bool) {
	held := state.(int32)
	if source, must := op.source(); must && held != source {
		return state, false
	}
	if op.Kind == Read || op.Kind == CAS && held != op.From {
		return state, true
	}
	return op.Value, true
}

func (v *Values) stepCounter(state any, op *Op) (any, bool) {
	sum := state.(int64)
	if op.Kind == Read {
		return state, op.Maybe || sum == v.Amounts[op.Value]
	}
	return sum + v.Amounts[op.Value], true
}

func (v *Values) stepSet(state any, op *Op) (any, bool) {
	held := state.([]int32)
	if op.Kind == Read {
		return state, op.Maybe || slices.Equal(held, v.Lists[op.Value])
	}
	at, found := slices.BinarySearch(held, op.Value)
	if found {
		return state, true
	}
	return slices.Insert(slices.Clone(held), at, op.Value), true
}

func stepQueue(state any, op *Op) (any, bool) {
	held := state.([]int32)
	switch {
	case op.Kind == Enqueue:
		return append(slices.Clip(held), op.Value), true
	case len(held) == 0:
		return state, op.Maybe || op.Value == Nil
	case op.Maybe || held[0] == op.Value:
		return held[1:], true
	}
	return state, false
}

func (v *Values) stepLog(state any, op *Op) (any, bool) {
	held := state.([]int32)
	if op.Kind == Read {
		return state, op.Maybe || slices.Equal(held, v.Lists[op.Value])
	}
	if !op.Maybe && op.From != Unplaced && int(op.From) != len(held) {
		return state, false
	}
	return append(slices.Clip(held), op.Value), true
}

func (v *Values) stepText(state any, op *Op) (any, bool) {
	switch held, text := state.(string), v.Texts[op.Value]; op.Kind {
	case Read:
		return state, op.Maybe || held == text
	case Append:
		return held + text, true
	default:
		return text, true
	}
}
