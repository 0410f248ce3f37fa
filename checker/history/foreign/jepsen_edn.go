package foreign

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"

	"groupy/checker/history/edn"
)

var jepsenEDN = Format{
	Name:     "jepsen-edn",
	Sentence: "Jepsen's history.edn: a map for each operation, one after another, in one vector or list, or under :history in one map",
	Model:    "register",
	read:     readJepsenEDN,
	like: func(head []byte) bool {
		return ednStart.Match(head) && bytes.Contains(head, []byte(":process"))
	},
}

// ednStart matches what EDN begins with and JSON does not.
var ednStart = regexp.MustCompile(`^(;|#|\(|[\[({,\s]*(:|#|\{\s*:|;|"[^"]*"\s+[^:\s]))`)

func readJepsenEDN(in *input) error {
	j := newJepsen(in)
	return eachMap(in, func(v edn.Value) error {
		op, err := in.ednOp(v)
		if err != nil {
			return err
		}
		return j.take(op)
	})
}

// eachMap gives each operation's map, whatever they stand in.
func eachMap(in *input, f func(edn.Value) error) error {
	r := edn.NewReader(in.src)
	closing, inside, err := r.Enter()
	for err == nil {
		var v edn.Value
		more := true
		if inside {
			v, more, err = r.Item(closing)
		} else {
			v, err = r.Next()
		}
		if err != nil || !more {
			break
		}
		if err := eachIn(v, f); err != nil {
			return err
		}
	}
	var bad *edn.Error
	switch {
	case errors.As(err, &bad):
		return in.fail(bad.Line, bad.Col, "%s", bad.Problem)
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// eachIn gives an operation, or those that a map has under :history.
func eachIn(v edn.Value, f func(edn.Value) error) error {
	if _, is := v.Get("type"); is {
		return f(v)
	}
	all, held := v.Get("history")
	if all.Kind == edn.Tagged {
		all = all.Items[0]
	}
	if !held || all.Kind != edn.Vector && all.Kind != edn.List {
		return f(v) // which says what is missing
	}
	for _, op := range all.Items {
		if err := f(op); err != nil {
			return err
		}
	}
	return nil
}

func (in *input) ednOp(v edn.Value) (jepsenOp, error) {
	op := jepsenOp{line: v.Line, column: v.Col, more: map[string]json.RawMessage{}}
	if v.Kind == edn.Tagged {
		v = v.Items[0]
	}
	if v.Kind != edn.Map {
		return op, in.fail(op.line, op.column, "an operation is a map with :type, :process, :f and :value; this is none")
	}
	for i := 0; i < len(v.Items); i += 2 {
		key, value := v.Items[i].Text, v.Items[i+1]
		switch key {
		case "type":
			op.kind = value.Text
		case "process":
			op.process = value.Text
		case "f":
			op.f = value.Text
		case "value":
			op.value = value.JSON()
		case "time":
			_ = json.Unmarshal(value.JSON(), &op.time) // for people only
		case "error":
			op.err = plain(value.JSON())
		case "index":
		default:
			op.more[key] = value.JSON()
		}
	}
	return op, nil
}

// plain is JSON as text: a string is itself.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
