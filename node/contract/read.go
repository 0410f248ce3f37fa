package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"groupy/node"
)

// Line reads a node's line up to its body. What is no JSON at all, and does not
// begin like an object, is an error but no Breach: a greeting, or a stray word.
func Line(line []byte) (node.Envelope, node.Head, error) {
	env, head, err := node.Parse(line)
	if err == nil {
		return env, head, nil
	}
	return env, head, wrongLine(line, err)
}

// wrongLine says what is wrong with a line that has no readable head.
func wrongLine(line []byte, err error) error {
	line = bytes.TrimSpace(line)
	if !bytes.HasPrefix(line, []byte("{")) {
		return err
	}
	const envelope = `{"src":"n1","dest":"harness","body":{"type":"…"}}`
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(line, &outer); err != nil {
		return &Breach{Kind: NotJSON, What: "a line that is no JSON object: " + err.Error(), Expected: "one JSON object a line, written whole: " + envelope}
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(outer["body"], &body); err != nil || body == nil {
		b := &Breach{Kind: NoBody, What: "a line without a body", Expected: "an envelope with a body, an object: " + envelope}
		if _, flat := outer["type"]; flat {
			b.Nearest = fmt.Sprintf(`{"src":…,"dest":…,"body":%s}: the type and its fields belong into body`, short(line))
		} else if near := Nearest("body", slices.Sorted(maps.Keys(outer))); near != "" {
			b.Nearest = fmt.Sprintf("body, for %q", near)
		}
		return b
	}
	if raw, ok := body["type"]; !ok || string(raw) == `""` {
		b := &Breach{Kind: NoType, What: "a body without a type", Expected: "a body with a type: " + envelope}
		if near := Nearest("type", slices.Sorted(maps.Keys(body))); near != "" && near != "type" {
			b.Nearest = fmt.Sprintf("type, for %q", near)
		}
		return b
	}
	for _, at := range []struct {
		where  string
		fields map[string]json.RawMessage
		value  any
	}{{"the envelope", outer, &node.Envelope{}}, {"the body", body, &node.Head{}}} {
		raw, _ := json.Marshal(at.fields)
		if err := json.Unmarshal(raw, at.value); err != nil {
			return wrongField(at.where, err)
		}
	}
	return &Breach{Kind: NotJSON, What: err.Error(), Expected: envelope}
}

// Body gives the value of package node for a body to the harness, a client, the clock
// or the disk.
func Body(head node.Head, raw json.RawMessage) (any, error) {
	form, known := forms[head.Type]
	if !known {
		return nil, unknownType(head, raw)
	}
	body, err := decode(head, raw)
	if err != nil {
		return nil, wrongField(head.Type, err)
	}
	if form.Reply && head.InReplyTo == 0 {
		return nil, &Breach{
			Kind: NoInReplyTo, What: head.Type + " without in_reply_to",
			Expected: "in_reply_to: the msg_id of the request that it answers. " + form.String(),
			Nearest:  nearestField("in_reply_to", form, raw),
		}
	}
	if whole(body) {
		return body, nil
	}
	return body, missing(form, raw)
}

func decode(head node.Head, raw json.RawMessage) (any, error) {
	switch head.Type {
	case node.TypeDeliver:
		d := new(node.Deliver)
		return d, json.Unmarshal(raw, d)
	case node.TypeView:
		return as[node.View](raw)
	case node.TypeSend:
		return as[node.Send](raw)
	case node.TypeEvict:
		return as[node.Evict](raw)
	case node.TypeBlock, node.TypeUnblock:
		return node.Flush{Head: head}, nil
	case node.TypeError:
		return as[node.Error](raw)
	case node.ReplyTo(node.TypeRead):
		return as[node.ReadOK](raw)
	case node.TypeSetTimer:
		return as[node.SetTimer](raw)
	case node.TypePersist:
		return as[node.Persist](raw)
	case node.TypeCancelTimer:
		return as[node.CancelTimer](raw)
	}
	return node.OK{Head: head}, nil
}

func as[T any](raw json.RawMessage) (any, error) {
	var body T
	err := json.Unmarshal(raw, &body)
	return body, err
}

// whole reports whether a body surely has all that its form needs. Where it cannot
// know, since the field's zero value is a value too, it says no, and the body's text
// is looked at.
func whole(body any) bool {
	switch b := body.(type) {
	case *node.Deliver:
		return b.Msg != "" && b.Sender != "" && b.View != ""
	case node.View:
		return b.View != "" && len(b.Members) > 0
	case node.Send:
		return b.Msg != "" && b.View != ""
	case node.Error:
		return b.Code != 0
	case node.ReadOK:
		return b.Value != nil
	case node.SetTimer:
		return b.ID != "" && b.AfterMicros != 0
	case node.CancelTimer:
		return b.ID != ""
	case node.Persist:
		return b.Record != nil
	}
	return true
}

// missing looks for the fields that a form needs in a body's text.
func missing(form Form, raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return wrongField(form.Type, err)
	}
	for _, need := range form.Need {
		value, there := fields[need]
		if there && !slices.Contains([]string{`""`, "[]"}, string(value)) && (string(value) != "null" || need == "value" || need == "record") {
			continue
		}
		what := fmt.Sprintf("%s without %s", form.Type, need)
		if there {
			what = fmt.Sprintf("%s with an empty %s", form.Type, need)
		}
		return &Breach{Kind: MissingField, What: what, Expected: form.String(), Nearest: nearestField(need, form, raw)}
	}
	return nil
}

// nearestField looks for what stands in the place of a field, among those that the
// form does not know.
func nearestField(need string, form Form, raw json.RawMessage) string {
	others := Unread(form, raw)
	if _, there := slices.BinarySearch(others, need); there || len(others) == 0 {
		return ""
	}
	if near := Nearest(need, others); near != "" {
		return fmt.Sprintf("%s, for %q", need, near)
	}
	return ""
}

// Unread lists the fields of a body that nobody reads, which is allowed.
func Unread(form Form, raw json.RawMessage) []string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields)
	known := append([]string{"type", "msg_id", "in_reply_to"}, form.Fields()...)
	var others []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			others = append(others, name)
		}
	}
	return others
}

// FormOf gives the form of a type.
func FormOf(kind string) (Form, bool) {
	f, ok := forms[kind]
	return f, ok
}

func unknownType(head node.Head, raw json.RawMessage) error {
	b := &Breach{Kind: UnknownType, What: fmt.Sprintf("unknown type %q", head.Type), Expected: allTypes()}
	list := Observations
	if head.InReplyTo != 0 {
		list = Replies
		b.Expected = fmt.Sprintf("a reply to a request (%s)", types(Replies))
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Type
	}
	near := Nearest(head.Type, names)
	if near == "" {
		near = Nearest(head.Type, slices.Sorted(maps.Keys(forms)))
	}
	if near != "" {
		b.Nearest = forms[near].String()
	}
	return b
}

// wrongField says which field of a body JSON could not read.
func wrongField(where string, err error) *Breach {
	b := &Breach{Kind: WrongField, What: fmt.Sprintf("%s cannot be read: %v", where, err), Expected: "the kinds of values that docs/contract.md names"}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		b.What = fmt.Sprintf("%s has %s in %s", where, value(wrong.Value), wrong.Field)
		b.Expected = fmt.Sprintf("%s: %s", wrong.Field, wanted(wrong.Type.Kind().String()))
	}
	if form, ok := forms[where]; ok {
		b.Expected += ". " + form.String()
	}
	return b
}

func value(json string) string {
	if strings.HasPrefix(json, "a") || strings.HasPrefix(json, "o") {
		return "an " + json
	}
	return "a " + json
}

func wanted(kind string) string {
	switch kind {
	case "string":
		return "a string, in quotes"
	case "slice":
		return "a list of strings"
	case "bool":
		return "true or false"
	case "struct", "map":
		return "an object"
	}
	return "a whole number"
}

func short(line []byte) string {
	const most = 60
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
