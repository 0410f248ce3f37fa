package foreign

import (
	"encoding/json"
	"fmt"
	"strconv"

	"groupy/checker/history"
)

// jepsenOp is one operation of a Jepsen history, in whatever notation it stood.
type jepsenOp struct {
	line, column int
	kind         string // invoke, ok, fail, info
	process      string // a number, or a name such as nemesis
	f            string
	value        json.RawMessage // nil: none
	time         int64
	err          string
	more         map[string]json.RawMessage // what else it said
}

// jepsen turns operations into events.
type jepsen struct {
	in    *input
	ours  bool // the history was one of ours before
	calls map[string]*jepsenCall
}

// jepsenCall is a process: its open invocation, and under which name it goes on.
type jepsenCall struct {
	name  string
	open  bool
	f     string
	line  int
	lives int
}

func newJepsen(in *input) *jepsen { return &jepsen{in: in, calls: map[string]*jepsenCall{}} }

// take takes the next operation.
func (j *jepsen) take(op jepsenOp) error {
	if op.process == ourProcess {
		return j.restore(op)
	}
	if j.in.w == nil {
		// Operations alone: only what they answered can be judged.
		if err := j.in.begin(history.Header{Promises: []string{"linearizability"}, LeftOut: onlyAnswers}); err != nil {
			return err
		}
	}
	switch op.kind {
	case "invoke", "ok", "fail", "info":
	default:
		return j.in.fail(op.line, op.column, "the type of an operation is invoke, ok, fail or info, and not %q", op.kind)
	}
	if op.f == "" {
		return j.in.fail(op.line, op.column, "an operation without :f")
	}
	if _, err := strconv.ParseInt(op.process, 10, 64); err != nil && op.process != "" {
		return j.note(op) // the nemesis and its like are no clients
	}
	if op.process == "" {
		return j.in.fail(op.line, op.column, "an operation without :process")
	}
	return j.client(op)
}

// note keeps what is no client's as an event that checkers ignore.
func (j *jepsen) note(op jepsenOp) error {
	more := map[string]json.RawMessage{"process": quoted(op.process), "f": quoted(op.f)}
	if op.value != nil {
		more["value"] = op.value
	}
	return j.in.append(op.line, &history.Event{Type: "note", Time: max(op.time, 0), Extra: more})
}

func (j *jepsen) client(op jepsenOp) error {
	c := j.calls[op.process]
	if c == nil {
		c = &jepsenCall{name: "c" + op.process}
		j.calls[op.process] = c
	}
	e := &history.Event{Type: history.Type(op.kind), Time: max(op.time, 0), F: op.f, Error: op.err}
	switch {
	case op.kind == "invoke" && c.open:
		return j.in.fail(op.line, op.column, "process %s invokes %s while its %s of line %d is open", op.process, op.f, c.f, c.line)
	case op.kind == "invoke":
		c.open, c.f, c.line = true, op.f, op.line
	case !c.open:
		return j.in.fail(op.line, op.column, "process %s completes %s (%s) without an open invocation", op.process, op.f, op.kind)
	case c.f != op.f:
		return j.in.fail(op.line, op.column, "process %s completes %s (%s) but its open invocation, on line %d, is %s", op.process, op.f, op.kind, c.line, c.f)
	default:
		c.open = false
	}
	e.Process = c.name
	if op.kind == "info" { // here a process may go on after that, with us a new one does
		c.lives++
		c.name = fmt.Sprintf("c%s/%d", op.process, c.lives+1)
	}
	var err error
	if e.Value, err = j.value(op); err != nil {
		return err
	}
	if j.ours {
		j.recall(e, op.more)
	}
	return j.in.append(op.line, e)
}

// value is an operation's value as ours say it.
func (j *jepsen) value(op jepsenOp) (json.RawMessage, error) {
	if j.ours {
		switch {
		case string(op.more["unsaid"]) == "true":
			return nil, nil
		case string(op.more["keyed"]) != "true":
			return op.value, nil
		}
	} else if !j.in.Tuple || op.value == nil || string(op.value) == "null" {
		if op.kind == "invoke" && op.f == "read" && len(op.value) > 0 && op.value[0] == '[' {
			return nil, j.in.fail(op.line, op.column, "a read is asked for %s, which looks like the key of an independent object; give --tuple", shorten(op.value))
		}
		return op.value, nil
	}
	var pair []json.RawMessage
	if err := json.Unmarshal(op.value, &pair); err != nil || len(pair) != 2 {
		return nil, j.in.fail(op.line, op.column, "the value %s is no pair [key value], as --tuple has it", shorten(op.value))
	}
	key, err := json.Marshal(keyText(pair[0]))
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	if op.f == "cas" {
		var swap []json.RawMessage
		if json.Unmarshal(pair[1], &swap) == nil && len(swap) == 2 {
			return fmt.Appendf(nil, `{"key":%s,"from":%s,"to":%s}`, key, swap[0], swap[1]), nil
		}
	}
	return fmt.Appendf(nil, `{"key":%s,"value":%s}`, key, pair[1]), nil
}

// keyText is a key as text: a string is itself, anything else its JSON.
func keyText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic("foreign: a string has no JSON: " + err.Error()) // every string has one
	}
	return b
}

func shorten(raw json.RawMessage) string {
	if len(raw) > 60 {
		return string(raw[:60]) + "…"
	}
	return string(raw)
}
