package workloads

import (
	"encoding/json"
	"errors"
	"fmt"

	"groupy/node"
)

// Request is the body of the contract that asks for op, with the given message
// id. It fails for a plan edited by hand whose value does not fit its f.
func Request(op Op, id int64) (any, error) {
	head := node.Head{Type: op.F, MsgID: id}
	body, err := request(op, head)
	if err != nil {
		return nil, fmt.Errorf("operation %s with value %s: %w", op.F, op.Value, err)
	}
	return body, nil
}

func request(op Op, head node.Head) (any, error) {
	switch op.F {
	case node.TypeMulticast:
		var msg string
		err := json.Unmarshal(op.Value, &msg)
		return &node.Multicast{Head: head, Msg: msg, Payload: op.Payload}, err
	case node.TypeRead:
		var v keyedValue
		err := json.Unmarshal(op.Value, &v)
		return &node.Read{Head: head, Msg: op.Msg, Key: v.Key}, err
	case node.TypeWrite:
		var v keyedValue
		if err := json.Unmarshal(op.Value, &v); err != nil {
			return nil, err
		}
		if len(v.Value) == 0 {
			return nil, errors.New("no value to write")
		}
		return &node.Write{Head: head, Msg: op.Msg, Key: v.Key, Value: v.Value}, nil
	case node.TypeCAS:
		var v keyedSwap
		if err := json.Unmarshal(op.Value, &v); err != nil {
			return nil, err
		}
		if len(v.From) == 0 || len(v.To) == 0 {
			return nil, errors.New("a cas needs from and to")
		}
		return &node.CAS{Head: head, Msg: op.Msg, Key: v.Key, From: v.From, To: v.To}, nil
	}
	return nil, errors.New("no such operation; there are multicast, read, write, cas")
}

// Message is the id of the multicast that op becomes or is carried by, "" if that
// is the system's own business.
func (op Op) Message() string {
	if op.F != node.TypeMulticast {
		return op.Msg
	}
	var msg string
	_ = json.Unmarshal(op.Value, &msg)
	return msg
}
