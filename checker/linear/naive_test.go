package linear

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"pgregory.net/rapid"
)

// held is a state of any object, in the naive way: a register holds one value, a
// counter one sum, the others a list.
type held []int64

// apply is what each operation means, word for word: the state after it, what it
// answers, and whether it does anything.
func apply(p *Problem, state held, op *Op) (next held, answer held, does bool) {
	value := int64(op.Value)
	switch op.Kind {
	case Read:
		return state, state, false
	case Write:
		return held{value}, nil, true
	case CAS:
		if state[0] != int64(op.From) {
			return state, nil, false
		}
		return held{value}, state, true
	case Enqueue:
		return append(slices.Clone(state), value), nil, true
	case Append:
		return append(slices.Clone(state), value), held{int64(len(state))}, true
	case Dequeue:
		if len(state) == 0 {
			return state, held{0}, false
		}
		return slices.Clone(state[1:]), state[:1], true
	}
	if p.Object == Counter {
		return held{state[0] + p.Values.Amounts[op.Value]}, nil, true
	}
	next = slices.Clone(state)
	if !slices.Contains(next, value) {
		next = append(next, value)
	}
	slices.Sort(next)
	return next, nil, true
}

// told is the answer that an operation says it got; none for one that says nothing.
func told(p *Problem, op *Op) held {
	switch {
	case op.Maybe || op.Kind == Append && op.From == Unplaced:
		return nil
	case op.Kind == CAS || op.Kind == Append:
		return held{int64(op.From)}
	case op.Kind == Dequeue || op.Kind == Read && p.Object == Register:
		return held{int64(op.Value)}
	case op.Kind == Read && p.Object == Counter:
		return held{p.Values.Amounts[op.Value]}
	case op.Kind == Read:
		return widen(p.Values.Lists[op.Value])
	}
	return nil
}

func widen(list []int32) held {
	wide := held{}
	for _, v := range list {
		wide = append(wide, int64(v))
	}
	return wide
}

func initial(p *Problem) held {
	switch p.Object {
	case Register:
		return held{int64(Nil)}
	case Counter:
		return held{p.Values.Amounts[Nil]}
	}
	return widen(p.Values.Lists[Nil])
}

// naive is the definition, word for word: it tries every order that respects real
// time, and for an operation of unknown outcome every place and none.
func naive(p *Problem, ops []Op) bool {
	done := make([]bool, len(ops))
	known := map[string]bool{}
	var try func(state held) bool
	try = func(state held) bool {
		name := fmt.Sprint(done, state)
		if result, ok := known[name]; ok {
			return result
		}
		first, left := Open, false // the first return of those that must still come
		for i := range ops {
			if !done[i] && !ops[i].Maybe {
				first, left = min(first, ops[i].Return), true
			}
		}
		result := !left
		for i := range ops {
			op := &ops[i]
			if result || done[i] || op.Call > first {
				continue
			}
			next, answer, does := apply(p, state, op)
			if want := told(p, op); want != nil && !slices.Equal(answer, want) || op.Maybe && !does {
				continue
			}
			done[i] = true
			result = try(next)
			done[i] = false
		}
		known[name] = result
		return result
	}
	return try(initial(p))
}

// drawer makes random histories of one object.
type drawer struct {
	t      *rapid.T
	r      *rand.Rand // if it is not nil, it draws: rapid likes small numbers, and so quiet histories
	p      *Problem
	unique bool
	fresh  int32
	texts  map[string]int32
}

func (d *drawer) intn(n int, what string) int {
	if d.r != nil {
		return d.r.IntN(n)
	}
	return rapid.IntRange(0, n-1).Draw(d.t, what)
}

func (d *drawer) value() int32 {
	if d.p.Object == Counter { // its values are amounts
		step := int64(1)
		if !d.unique {
			step = int64(1 + d.intn(3, "amount"))
		}
		return d.number(held{step})
	}
	if d.unique {
		d.fresh++
		return d.fresh
	}
	return int32(1 + d.intn(3, "value"))
}

// number gives a value that stands for an amount or a list. Those of lists begin at
// 100, apart from what is in them.
func (d *drawer) number(what held) int32 {
	text := fmt.Sprint(what)
	if id, ok := d.texts[text]; ok {
		return id
	}
	v := &d.p.Values
	if d.p.Object == Counter {
		v.Amounts = append(v.Amounts, what[0])
		d.texts[text] = int32(len(v.Amounts) - 1)
		return d.texts[text]
	}
	list := []int32{}
	for _, x := range what {
		list = append(list, int32(x))
	}
	v.Lists = append(v.Lists, list)
	d.texts[text] = int32(len(v.Lists) - 1)
	return d.texts[text]
}

// ask draws an operation.
func (d *drawer) ask(state held) Op {
	op := Op{Return: Open, Maybe: true, From: Unplaced}
	op.Kind = map[Object][]Kind{
		Register: {Read, Write, CAS}, Counter: {Read, Add, Add}, Set: {Read, Add, Add},
		Queue: {Enqueue, Dequeue, Enqueue}, Log: {Append, Append, Read},
	}[d.p.Object][d.intn(3, "kind")]
	if op.Kind != Read && op.Kind != Dequeue {
		op.Value = d.value()
	}
	if op.Kind == CAS {
		if op.From = int32(state[0]); d.intn(3, "other") == 0 {
			op.From = int32(d.intn(int(max(d.fresh, 3))+1, "from"))
		}
	}
	return op
}

// tell gives an operation its answer.
func (d *drawer) tell(op *Op, answer held) {
	switch {
	case op.Kind == Append:
		op.From = int32(answer[0])
	case op.Kind == Dequeue, op.Kind == Read && d.p.Object == Register:
		op.Value = int32(answer[0])
	case op.Kind == Read:
		op.Value = d.number(answer)
	}
}

// lie falsifies an operation.
func (d *drawer) lie(op *Op) {
	v := int32(d.intn(int(max(d.fresh, 3))+1, "lie"))
	switch {
	case op.Kind == CAS, op.Kind == Append && !op.Maybe && d.intn(2, "place") == 0:
		op.From = v
	case op.Kind == Dequeue, op.Kind == Read && d.p.Object == Register:
		op.Value = v
	case op.Kind == Read:
		answer := told(d.p, &Op{Kind: Read, Value: op.Value})
		switch {
		case d.p.Object == Counter:
			answer[0] += int64(1 - 2*d.intn(2, "less"))
		case len(answer) > 0 && d.intn(2, "less") == 0:
			at := d.intn(len(answer), "out")
			answer = slices.Delete(answer, at, at+1)
		default:
			if answer = append(answer, int64(max(v, 1))); d.p.Object == Set {
				slices.Sort(answer)
				answer = slices.Compact(answer)
			}
		}
		op.Value = d.number(answer)
	case !op.Maybe && op.Return != Open:
		op.Call, op.Return = op.Call+1000, op.Return+1000 // as if it had come later
	}
}

// random draws a history of one object: operations of some clients that take effect
// at a random moment of their lives; answers are falsified at random afterwards, so
// that about half of all are wrong. order is that in which they took effect.
func random(t *rapid.T, o Object, unique bool) (p *Problem, order []int32) {
	d := &drawer{t: t, p: &Problem{Object: o}, unique: unique, texts: map[string]int32{}}
	if rapid.Bool().Draw(t, "busy") {
		d.r = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	}
	state := held{0}
	if o != Register && o != Counter {
		state = held{}
	}
	d.number(state)
	p = d.p
	open := make([]int, 1+d.intn(4, "clients")) // 1 + index of the open operation
	took := map[int]bool{}
	answers := map[int]held{}
	place := int64(0)
	for range 2 + d.intn(22, "steps") {
		c := d.intn(len(open), "client")
		if open[c] == 0 {
			op := d.ask(state)
			op.Call = place
			p.Ops = append(p.Ops, op)
			open[c] = len(p.Ops)
			place++
			continue
		}
		i := open[c] - 1
		op := &p.Ops[i]
		switch {
		case !took[i]:
			took[i] = true
			if op.Kind == CAS && int64(op.From) != state[0] {
				op.Kind = Read // a cas that fails is no operation
			}
			state, answers[i], _ = apply(p, state, op)
			order = append(order, int32(i))
		case d.intn(8, "lost") > 0:
			d.tell(op, answers[i])
			op.Return, op.Maybe = place, false
			place++
			open[c] = 0
		default:
			open[c] = 0 // its outcome stays unknown; the client goes on as another
		}
	}
	for range d.intn(3, "lies") {
		if len(p.Ops) > 0 {
			d.lie(&p.Ops[d.intn(len(p.Ops), "liar")])
		}
	}
	return p, order
}
