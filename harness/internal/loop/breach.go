package loop

import (
	"errors"
	"fmt"

	"groupy/checker/history"
	"groupy/node"
	"groupy/node/contract"
)

// Breach is one way in which nodes broke the contract, with its first line.
type Breach struct {
	Kind     contract.Kind `json:"kind"`
	What     string        `json:"what"`
	Count    int           `json:"count"`
	Member   string        `json:"member"` // who did it first
	Line     string        `json:"line,omitempty"`
	Expected string        `json:"expected"`
	Nearest  string        `json:"nearest,omitempty"`
}

// String is a sentence for people.
func (b Breach) String() string {
	text := fmt.Sprintf("the contract was broken %s: %s, first by %s", times(b.Count), b.What, b.Member)
	if b.Line != "" {
		text += ": " + b.Line
	}
	if b.Nearest != "" {
		text += " (did you mean " + b.Nearest + "?)"
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// forming: while the group forms, a program that breaks the contract ends the run.
func (r *runner) forming() bool {
	return r.phase == history.PhaseStart || r.phase == history.PhaseBootstrap
}

// breached takes note of a broken contract. While the group forms it ends the run.
// Later the history lacks what the node meant to say: nothing can be concluded from
// it any more, and it says so. A call without an answer it has anyway.
func (r *runner) breached(m *member, b *contract.Breach, line string) {
	if r.forming() {
		r.refuse(m, b, line)
		return
	}
	r.count(m, b, line)
	switch b.Kind {
	case contract.NoInReplyTo, contract.UnaskedReply, contract.WrongReply:
	default:
		r.observe(history.Event{Type: history.Lost, Member: m.self(), Reason: b.Error()})
	}
}

// refuse ends a run whose program does not keep to the contract.
func (r *runner) refuse(m *member, b *contract.Breach, line string) {
	r.count(m, b, line)
	r.observe(history.Event{Type: history.Lost, Member: m.self(), Reason: b.Error()})
	if r.broken == nil {
		r.broken = &contract.Broken{Member: m.self(), Line: line, Breach: b}
	}
}

// count adds a breach to those of its kind.
func (r *runner) count(m *member, b *contract.Breach, line string) {
	for i := range r.outcome.Breaches {
		if known := &r.outcome.Breaches[i]; known.Kind == b.Kind && (known.What == b.What || b.Kind == contract.UnaskedReply) {
			known.Count++
			return
		}
	}
	say := r.log.Warn
	if r.forming() { // the run's end says more
		say = r.log.Debug
	}
	say("a node broke the contract", "node", m.name, "line", line, "error", b)
	r.outcome.Breaches = append(r.outcome.Breaches, Breach{
		Kind: b.Kind, What: b.What, Count: 1, Member: m.self(), Line: line, Expected: b.Expected, Nearest: b.Nearest,
	})
}

// misnamed is breached for an error of the contract.
func (r *runner) misnamed(m *member, body any, err error) {
	var b *contract.Breach
	if errors.As(err, &b) {
		r.breached(m, b, said(body))
	}
}

// said is what a node's line held, for people.
func said(body any) string {
	text, err := node.Encode(body)
	if err != nil {
		return ""
	}
	return string(text)
}

// unseen looks at a group that should have formed: one of which nobody said anything
// cannot be tested.
func (r *runner) unseen() {
	if r.every(func(m *member) bool { return m.members == nil }) {
		r.refuse(r.nodes[r.plan.Nodes[0]], contract.Silence(), "")
	}
}
