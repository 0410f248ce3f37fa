package objects

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"groupy/checker/linear"
	"groupy/checker/multicast"
	"groupy/checker/report"
	"groupy/checker/trace"
)

var Linearizability = trace.Property{
	Name: "linearizability", Kind: trace.Safety, PromisedWith: []string{"read", "write", "cas"},
	Statement: "the answers to reads, writes and cas fit one order that respects real time (porcupine, per key)",
	Check:     checkLinearizability,
}

// Reason codes of linearizability's unknown.
const (
	noAnswers     = "no-answers"     // nothing was read, so that every order fits
	notUnderstood = "not-understood" // an operation's value
	undecided     = "undecided"
)

func checkLinearizability(t *trace.Trace) report.Result {
	o, ok := t.Ops.(*Operations)
	if !ok {
		return report.Unjudged(&report.Reason{Code: report.DoesNotApply, Text: "nobody took note of operations"})
	}
	return o.judge(t)
}

// orderly reports whether the properties hold that make delivery logs evidence.
func orderly(t *trace.Trace) bool {
	for _, p := range []trace.Property{multicast.Integrity, multicast.NoDuplication, multicast.TotalOrder, multicast.GapFreedom, multicast.Agreement} {
		if p.Check(t).Verdict == report.Invalid {
			return false
		}
	}
	return true
}

// judge takes the cheapest way that decides: the order of deliveries proves most
// keys, an exact algorithm decides others, and the rest is searched. The count is
// that of keys.
func (o *Operations) judge(t *trace.Trace) report.Result {
	shown := scene{key: trace.None}
	if o.show != nil {
		defer func() { o.draw(t.Line, shown) }()
	}
	if why := o.unanswered(t.Line); why != nil {
		return report.Unjudged(why)
	}
	var f report.Finding
	for i := range o.list {
		if o.list[i].Tells() {
			f.Evidence++
		}
	}
	keys := o.unproven()
	o.settle(keys, func() bool { return orderly(t) })
	var open []int32
	for k, ids := range keys {
		p := o.problem(int32(k), ids)
		switch p.Decide() {
		case linear.Illegal:
			w := p.Minimal(p.Illegal(nil))
			shown.violation(int32(k), ids, w)
			o.impossible(&f, ids, w, t.Line)
		case linear.Undecided:
			if len(ids) > 0 {
				open = append(open, int32(k))
			}
		}
	}
	var gaveUp []string
	problems := make([]*linear.Problem, len(open))
	for i, k := range open {
		p := o.problem(k, keys[k])
		problems[i] = &p
	}
	for i, a := range o.search.All(problems) {
		switch k := open[i]; a.Outcome {
		case linear.Illegal:
			shown.violation(k, keys[k], a.Witness)
			o.impossible(&f, keys[k], a.Witness, t.Line)
		case linear.Undecided:
			shown.undecided(k)
			gaveUp = append(gaveUp, fmt.Sprintf("the search gave up on %s %s, with an order of %d of its %d operations",
				o.keys[k].title(), a.Stopped, a.Longest, len(keys[k])))
		}
	}
	if f.Count == 0 && len(gaveUp) > 0 {
		res := report.Unjudged(&report.Reason{Code: undecided, Text: strings.Join(gaveUp, "; ")})
		res.Evidence = f.Evidence
		return res
	}
	return f.Done()
}

// unanswered says why there is nothing to judge, nil if there is.
func (o *Operations) unanswered(line func(int64) int) *report.Reason {
	if o.odd > 0 {
		return &report.Reason{Code: notUnderstood, Text: fmt.Sprintf(
			"%s could not be understood by the model %s, first in line %d: %v", report.Plural(o.odd, "operation"), o.model.Name, line(o.oddAt), o.oddWhy)}
	}
	if len(o.list) == 0 {
		return &report.Reason{Code: report.DoesNotApply, Text: "the history has no " + o.model.names()}
	}
	acked, tells := 0, 0
	for i := range o.list {
		op := &o.list[i]
		if op.acked && !op.failed {
			acked++
			if op.Tells() {
				tells++
			}
		}
	}
	switch {
	case acked == 0:
		return &report.Reason{Code: noAnswers, Text: fmt.Sprintf("none of the %d %s is known to have taken effect", len(o.list), o.model.many)}
	case tells == 0:
		return &report.Reason{Code: noAnswers, Text: o.model.vacuous}
	}
	return nil
}

// unproven gives, by key, the operations that count, for the keys that the order
// of deliveries does not prove: it is one order that may fit, whatever it is worth
// otherwise, so nothing else needs to hold for a proof.
func (o *Operations) unproven() [][]int32 {
	proven := make([]bool, len(o.keys))
	if len(o.agreed) > 0 {
		proven = o.replay()
	}
	keys := make([][]int32, len(o.keys))
	for i := range o.list {
		if op := &o.list[i]; !op.failed && !proven[op.Key] {
			keys[op.Key] = append(keys[op.Key], int32(i))
		}
	}
	return keys
}

// replay tries the order of deliveries on every key.
func (o *Operations) replay() []bool {
	ops := make([]linear.Op, len(o.list))
	for i := range o.list {
		ops[i] = o.list[i].Op // what failed is Maybe, and in no order
	}
	order := make([]int32, 0, len(o.agreed))
	for _, i := range o.agreed {
		if !o.list[i].failed {
			order = append(order, i)
		}
	}
	values := make([]linear.Values, len(o.keys))
	for k := range o.keys {
		values[k] = o.keys[k].means
	}
	return linear.Replay(o.model.object, values, ops, order)
}

// problem is the question that some operations of a key pose.
func (o *Operations) problem(k int32, ids []int32) linear.Problem {
	ops := make([]linear.Op, len(ids))
	for i, id := range ids {
		ops[i] = o.list[id].Op
	}
	return linear.Problem{Object: o.model.object, Values: o.keys[k].means, Ops: ops}
}

// settle takes out the operations of unknown outcome that came to nothing: on a
// key of which every operation that changed something was delivered as a message,
// where the order properties hold, what nobody delivered did nothing.
func (o *Operations) settle(keys [][]int32, orderly func() bool) {
	carried := make([]bool, len(o.list))
	for _, i := range o.agreed {
		carried[i] = true
	}
	idle := func(i int32) bool { return o.list[i].Maybe && o.list[i].named && !carried[i] }
	silent := func(i int32) bool {
		return !o.list[i].Maybe && o.list[i].Kind != linear.Read && !carried[i]
	}
	asked, holds := false, false
	for k, ids := range keys {
		if !slices.ContainsFunc(ids, idle) || slices.ContainsFunc(ids, silent) {
			continue
		}
		if !asked {
			asked, holds = true, orderly()
		}
		if holds {
			keys[k] = slices.DeleteFunc(ids, idle)
		}
	}
}

// impossible reports a key whose operations fit no order.
func (o *Operations) impossible(f *report.Finding, ids []int32, w linear.Witness, line func(int64) int) {
	var parts []part
	for _, at := range w.Ops {
		op := &o.list[ids[at]]
		parts = append(parts, part{op, op.Return <= w.By})
	}
	for _, at := range w.Begun {
		parts = append(parts, part{&o.list[ids[at]], false})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.op.Call, b.op.Call) })
	f.Broken(w.By, func() (string, []report.Witness) {
		var events []report.Witness
		for _, p := range parts {
			events = append(events, report.Witness{Index: p.op.Call, Line: line(p.op.Call), Text: o.begins(p.op)})
			if p.over {
				events = append(events, report.Witness{Index: p.op.Return, Line: line(p.op.Return), Text: o.does(p.op)})
			}
		}
		slices.SortFunc(events, func(a, b report.Witness) int { return cmp.Compare(a.Index, b.Index) })
		return o.story(parts), events
	})
}
