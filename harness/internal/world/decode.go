package world

import (
	"encoding/json"
	"fmt"

	"groupy/node"
)

// decode turns one line of a node into an event.
func decode(nodeName string, incarnation int, line []byte) Event {
	env, head, err := node.Parse(line)
	if err == nil {
		var body any
		if body, err = DecodeBody(head, env.Body); err == nil {
			return Said{Node: nodeName, Incarnation: incarnation, Dest: env.Dest, Body: body}
		}
	}
	return Garbled{Node: nodeName, Incarnation: incarnation, Line: Shorten(line), Err: err}
}

// DecodeBody gives a value of the contract's type for a body. A type that the
// contract does not know becomes its head alone: unknown is not wrong.
func DecodeBody(head node.Head, raw json.RawMessage) (any, error) {
	switch head.Type {
	case node.TypeDeliver:
		d := new(node.Deliver)
		return d, into(d, head, raw)
	case node.TypeView:
		return as[node.View](head, raw)
	case node.TypeSend:
		return as[node.Send](head, raw)
	case node.TypeEvict:
		return as[node.Evict](head, raw)
	case node.TypeBlock, node.TypeUnblock:
		return node.Flush{Head: head}, nil
	case node.TypeError:
		return as[node.Error](head, raw)
	case node.ReplyTo(node.TypeRead):
		return as[node.ReadOK](head, raw)
	case node.TypeSetTimer:
		return as[node.SetTimer](head, raw)
	case node.TypePersist:
		return as[node.Persist](head, raw)
	case node.TypeCancelTimer:
		return as[node.CancelTimer](head, raw)
	default:
		return node.OK{Head: head}, nil
	}
}

func as[T any](head node.Head, raw json.RawMessage) (any, error) {
	var body T
	err := into(&body, head, raw)
	return body, err
}

func into(body any, head node.Head, raw json.RawMessage) error {
	if err := json.Unmarshal(raw, body); err != nil {
		return fmt.Errorf("body of type %q: %w", head.Type, err)
	}
	return nil
}

// Shorten keeps a line fit for a log.
func Shorten(line []byte) string {
	const most = 200
	if len(line) <= most {
		return string(line)
	}
	return fmt.Sprintf("%s… (%d bytes)", line[:most], len(line))
}
