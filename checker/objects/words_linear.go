package objects

import (
	"fmt"
	"strings"

	"groupy/checker/linear"
)

// What operations are in words.

// part is an operation in a witness, and whether its end belongs to it.
type part struct {
	op   *operation
	over bool
}

// story is a witness in one sentence.
func (o *Operations) story(parts []part) string {
	if len(parts) == 1 {
		why := "which nothing before can have written"
		if op := parts[0].op; o.model.object != linear.Register || op.kind.swaps != [2]int32{} {
			why = "which nothing that was asked before explains"
		}
		return fmt.Sprintf("%s, %s", o.tells(parts[0]), why)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "no order of these fits: %s", o.tells(parts[0]))
	for i, p := range parts[1:] {
		link := "; meanwhile "
		if before := parts[i]; before.over && before.op.Return < p.op.Call {
			link = "; then "
		}
		out.WriteString(link + o.tells(p))
	}
	return out.String()
}

// tells is what is known of an operation.
func (o *Operations) tells(p part) string {
	if p.over {
		return o.does(p.op)
	}
	return o.begins(p.op)
}

// begins is an operation's invocation in words, does its completion.
func (o *Operations) begins(op *operation) string { return o.words(op, op.kind.begins) }
func (o *Operations) does(op *operation) string   { return o.words(op, op.kind.does) }

func (o *Operations) words(op *operation, form string) string {
	k := &o.keys[op.Key]
	value, place := k.values[op.Value], ""
	if op.Kind == linear.Dequeue && op.Value == linear.Nil {
		value = "nothing"
	}
	from := ""
	if op.Kind == linear.CAS {
		from = k.values[op.From]
	}
	if op.Kind == linear.Append && op.From != linear.Unplaced {
		place = fmt.Sprint(" at ", int64(op.From)+o.model.first)
		if op.From == maxPlace {
			place = " at an impossible position"
		}
	}
	return op.process + " " + strings.NewReplacer("{key}", k.name, "{value}", value, "{from}", from, "{place}", place).Replace(form)
}

// title is a key in a sentence of its own.
func (k *key) title() string {
	if strings.HasPrefix(k.name, "the ") {
		return k.name
	}
	return "key " + k.name
}

// names are the names of a model's operations in a sentence: a, b or c.
func (m *Model) names() string {
	var names []string
	for _, op := range m.Operations {
		names = append(names, op.F)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
