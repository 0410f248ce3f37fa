package checker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"groupy/checker/linear"
)

var linearizability = Property{
	Name: "linearizability", Kind: Safety, PromisedWith: []string{opRead, opWrite, opCAS},
	Statement: "the answers to reads, writes and cas fit one order that respects real time (porcupine, per key)",
	check:     checkLinearizability,
}

// Bounds of the search for an order, where only a search decides. Its memory grows
// with its time.
const (
	searchTime   = 10 * time.Second      // over all keys
	searchMost   = 20_000                // operations on one key
	minimiseTime = 50 * time.Millisecond // for each try to leave something out of a witness,
	minimiseMost = 400                   // and for how many: then the witness is what is left
)

// Reason codes of linearizability's unknown.
const (
	noAnswers     = "no-answers"     // nothing was read, so that every order fits
	notUnderstood = "not-understood" // an operation's value
	undecided     = "undecided"
)

// checkLinearizability takes the cheapest way that decides: the order of
// deliveries proves most keys, zones decide those whose values tell who wrote
// them, and the rest is searched. The count is that of keys.
func checkLinearizability(t *trace) Result {
	if why := t.unanswered(); why != nil {
		return unknown(why)
	}
	var f finding
	for i := range t.ops {
		if op := &t.ops[i]; op.acked && op.Kind != linear.Write {
			f.evidence++
		}
	}
	var open []int32
	keys := t.unproven()
	t.settle(keys)
	for k, ids := range keys {
		switch linear.Zones(t.pick(ids)) {
		case linear.Illegal:
			t.impossible(&f, ids, func(few []linear.Op) bool { return linear.Zones(few) == linear.Illegal })
		case linear.Undecided:
			open = append(open, int32(k))
		}
	}
	gaveUp := t.search(&f, keys, open)
	if f.count == 0 && gaveUp != nil {
		res := unknown(gaveUp)
		res.Evidence = f.evidence
		return res
	}
	return f.done()
}

// unanswered says why there is nothing to judge, nil if there is.
func (t *trace) unanswered() *Reason {
	if len(t.ops) == 0 && t.odd == 0 {
		return &Reason{Code: doesNotApply, Text: "the history has no read, write or cas"}
	}
	if t.odd > 0 {
		return &Reason{Code: notUnderstood, Text: fmt.Sprintf(
			"%d operations have a value that is not as the format has it, such as {\"key\":\"k\",\"value\":1}", t.odd)}
	}
	reads, effects := 0, 0
	for i := range t.ops {
		switch op := &t.ops[i]; {
		case !op.acked:
		case op.Kind == linear.Write:
			effects++
		default:
			reads++
		}
	}
	switch {
	case reads+effects == 0:
		return &Reason{Code: noAnswers, Text: fmt.Sprintf("none of the %d reads, writes and cas is known to have taken effect", len(t.ops))}
	case reads == 0:
		return &Reason{Code: noAnswers, Text: "nothing was read: no read and no cas took effect, so that every order of the writes fits"}
	}
	return nil
}

// unproven gives, by key, the operations that count, for the keys that the order
// of deliveries does not prove: it is one order that may fit, whatever it is worth
// otherwise, so nothing else needs to hold for a proof.
func (t *trace) unproven() [][]int32 {
	ops := make([]linear.Op, len(t.ops))
	for i := range t.ops {
		ops[i] = t.ops[i].Op
	}
	order := make([]int32, 0, len(t.agreed))
	for _, i := range t.agreed {
		if !t.ops[i].failed {
			order = append(order, i)
		}
	}
	keys := make([][]int32, len(t.keys))
	proven := linear.Replay(ops, order, len(t.keys))
	for i := range t.ops {
		if op := &t.ops[i]; !op.failed && !proven[op.Key] {
			keys[op.Key] = append(keys[op.Key], int32(i))
		}
	}
	return keys
}

func (t *trace) pick(ids []int32) []linear.Op {
	ops := make([]linear.Op, len(ids))
	for i, id := range ids {
		ops[i] = t.ops[id].Op
	}
	return ops
}

// search decides keys by trying orders, and says where it gave up.
func (t *trace) search(f *finding, keys [][]int32, open []int32) *Reason {
	var texts []string
	for _, k := range open {
		ids := keys[k]
		limit := searchTime / time.Duration(len(open))
		if len(ids) > searchMost {
			texts = append(texts, fmt.Sprintf("key %s has %d operations and values that were written twice; a search takes %d at most", t.keys[k].name, len(ids), searchMost))
			continue
		}
		switch outcome, explained := linear.Search(t.pick(ids), limit); outcome {
		case linear.Illegal:
			tries := 0
			t.impossible(f, ids, func(few []linear.Op) bool {
				if tries++; tries > minimiseMost {
					return false
				}
				outcome, _ := linear.Search(few, minimiseTime)
				return outcome == linear.Illegal
			})
		case linear.Undecided:
			texts = append(texts, fmt.Sprintf("the search gave up on key %s after %v, with an order of %d of its %d operations", t.keys[k].name, limit, explained, len(ids)))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return &Reason{Code: undecided, Text: strings.Join(texts, "; ")}
}

// settle takes out the operations of unknown outcome that came to nothing: on a
// key of which every write and cas that took effect was delivered as a message,
// where the order properties hold, what nobody delivered did nothing.
func (t *trace) settle(keys [][]int32) {
	carried := make([]bool, len(t.ops))
	for _, i := range t.agreed {
		carried[i] = true
	}
	idle := func(i int32) bool { return t.ops[i].Maybe && t.ops[i].named && !carried[i] }
	silent := func(i int32) bool {
		return !t.ops[i].Maybe && t.ops[i].Kind != linear.Read && !carried[i]
	}
	asked, orderly := false, false
	for k, ids := range keys {
		if !slices.ContainsFunc(ids, idle) || slices.ContainsFunc(ids, silent) {
			continue
		}
		if !asked {
			asked, orderly = true, t.orderly()
		}
		if orderly {
			keys[k] = slices.DeleteFunc(ids, idle)
		}
	}
}

// orderly reports whether the properties hold that make delivery logs evidence.
func (t *trace) orderly() bool {
	for _, p := range []Property{integrity, noDuplication, totalOrder, gapFreedom, agreement} {
		if p.check(t).Verdict == Invalid {
			return false
		}
	}
	return true
}

// impossible reports a key whose operations fit no order.
func (t *trace) impossible(f *finding, ids []int32, illegal func([]linear.Op) bool) {
	few, by := linear.Minimal(t.pick(ids), illegal)
	witness := make([]*operation, len(few))
	for i, at := range few {
		witness[i] = &t.ops[ids[at]]
	}
	slices.SortFunc(witness, func(a, b *operation) int { return cmp.Compare(a.Call, b.Call) })
	f.broken(by, func() (string, []Witness) {
		var events []Witness
		for _, op := range witness {
			events = append(events, t.witness(op.Call, "%s", t.begins(op)))
			if op.Return <= by {
				events = append(events, t.witness(op.Return, "%s", t.returns(op)))
			}
		}
		slices.SortFunc(events, func(a, b Witness) int { return cmp.Compare(a.Index, b.Index) })
		return t.story(witness, by), events
	})
}

// story is a witness in one sentence.
func (t *trace) story(witness []*operation, by int64) string {
	last := witness[len(witness)-1]
	if len(witness) == 1 {
		return fmt.Sprintf("%s, which nothing before can have written", t.does(last, by))
	}
	var out strings.Builder
	fmt.Fprintf(&out, "no order of these fits: %s", t.does(witness[0], by))
	for i, op := range witness[1:] {
		link := "; meanwhile "
		if witness[i].Return < op.Call {
			link = "; then "
		}
		out.WriteString(link + t.does(op, by))
	}
	return out.String()
}

// does is what an operation does, as far as it is known by then.
func (t *trace) does(op *operation, by int64) string {
	if op.Return > by {
		return t.begins(op)
	}
	return t.returns(op)
}

// begins is an operation's invocation in words, returns its completion.
func (t *trace) begins(op *operation) string {
	k := &t.keys[op.Key]
	switch op.Kind {
	case linear.Read:
		return fmt.Sprintf("%s begins to read %s", op.process, k.name)
	case linear.CAS:
		return fmt.Sprintf("%s begins to replace %s by %s in %s", op.process, k.values[op.From], k.values[op.Value], k.name)
	}
	return fmt.Sprintf("%s begins to write %s to %s", op.process, k.values[op.Value], k.name)
}

func (t *trace) returns(op *operation) string {
	k := &t.keys[op.Key]
	switch op.Kind {
	case linear.Read:
		return fmt.Sprintf("%s reads %s from %s", op.process, k.values[op.Value], k.name)
	case linear.CAS:
		return fmt.Sprintf("%s replaces %s by %s in %s", op.process, k.values[op.From], k.values[op.Value], k.name)
	}
	return fmt.Sprintf("%s writes %s to %s", op.process, k.values[op.Value], k.name)
}
