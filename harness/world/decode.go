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
		if body, err = decodeBody(head, env.Body); err == nil {
			return Said{Node: nodeName, Incarnation: incarnation, Dest: env.Dest, Body: body}
		}
	}
	return Garbled{Node: nodeName, Incarnation: incarnation, Line: shorten(line), Err: err}
}

// decodeBody gives a pointer to the contract's type for a body. A type that the
// contract does not know becomes its head alone: unknown is not wrong.
func decodeBody(head node.Head, raw json.RawMessage) (any, error) {
	var body any
	switch head.Type {
	case node.TypeDeliver:
		body = new(node.Deliver)
	case node.TypeView:
		body = new(node.View)
	case node.TypeSend:
		body = new(node.Send)
	case node.TypeEvict:
		body = new(node.Evict)
	case node.TypeBlock, node.TypeUnblock:
		return &node.Flush{Head: head}, nil
	case node.TypeError:
		body = new(node.Error)
	case node.ReplyTo(node.TypeRead):
		body = new(node.ReadOK)
	default:
		return &node.OK{Head: head}, nil
	}
	if err := json.Unmarshal(raw, body); err != nil {
		return nil, fmt.Errorf("body of type %q: %w", head.Type, err)
	}
	return body, nil
}

// shorten keeps a line fit for a log.
func shorten(line []byte) string {
	const most = 200
	if len(line) <= most {
		return string(line)
	}
	return fmt.Sprintf("%s… (%d bytes)", line[:most], len(line))
}
