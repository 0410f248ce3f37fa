package foreign

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"groupy/checker/history"
)

// A history of ours in Jepsen's notation: operations are operations, and everything
// else is an info of a process that is no client and is called groupy. Its f is the
// event's type, its value the event's other keys; the header comes first. What
// Jepsen has no place for in an operation stands beside it under its own key:
//
//	keyed  the value was {"key":k,"value":v} or {"key":k,"from":a,"to":b}, and is [k v] or [k [a b]]
//	unsaid there was no value at all, and it is nil
//	name   the process's name, where it is not c and a number

const (
	ourProcess = "groupy"
	headerF    = "header"
)

// restore takes an event that was exported by us.
func (j *jepsen) restore(op jepsenOp) error {
	if op.f == headerF {
		var h history.Header
		if err := json.Unmarshal(op.value, &h); err != nil {
			return j.in.fail(op.line, op.column, "the header that groupy has written down cannot be read: %v", err)
		}
		if j.in.w != nil {
			return j.in.fail(op.line, op.column, "a header of groupy's in the middle")
		}
		j.ours = true
		return j.in.begin(h)
	}
	if !j.ours {
		return j.in.fail(op.line, op.column, "an event of groupy's before its header")
	}
	e, err := eventOf(op.value)
	if err != nil {
		return j.in.fail(op.line, op.column, "an event of groupy's that cannot be read: %v", err)
	}
	e.Type, e.Time = history.Type(op.f), op.time
	return j.in.append(op.line, e)
}

// recall gives an operation back what stood beside it.
func (j *jepsen) recall(e *history.Event, more map[string]json.RawMessage) {
	for key, place := range map[string]*string{"node": &e.Node, "member": &e.Member, "msg": &e.Msg, "name": &e.Process} {
		_ = json.Unmarshal(more[key], place) // what is no string is none of ours
	}
	for key, raw := range more {
		if !known[key] && !beside[key] {
			if e.Extra == nil {
				e.Extra = map[string]json.RawMessage{}
			}
			e.Extra[key] = raw
		}
	}
}

// beside are the keys that an operation of ours has in Jepsen's notation only.
var beside = map[string]bool{"keyed": true, "unsaid": true, "name": true}

// eventOf reads an event's keys from one JSON object.
func eventOf(raw json.RawMessage) (*history.Event, error) {
	var e history.Event
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	for key, value := range all {
		if !known[key] {
			if e.Extra == nil {
				e.Extra = map[string]json.RawMessage{}
			}
			e.Extra[key] = value
		}
	}
	return &e, nil
}

// known are the keys that a history's events have.
var known = func() map[string]bool {
	keys := map[string]bool{}
	t := reflect.TypeFor[history.Event]()
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys[key] = true
	}
	return keys
}()

// onlyAnswers is what operations alone leave open.
var onlyAnswers = leaveOut("the history tells of operations and not of deliveries and views",
	"no-unasked-end", "integrity", "sender-integrity", "no-duplication", "view-installed", "self-inclusion", "view-agreement", "view-monotonicity",
	"primary-agreement", "primary-chain", "same-view-delivery", "sending-view-delivery", "virtual-synchrony", "total-order",
	"gap-freedom", "fifo-order", "causal-order", "agreement", "uniform-agreement", "no-loss", "state-agreement",
	"recovery", "exclusion", "membership-precision", "self-delivery", "join", "probe-delivery")

func leaveOut(why string, properties ...string) map[string]string {
	left := map[string]string{}
	for _, p := range properties {
		left[p] = why
	}
	return left
}
