package world

import (
	"fmt"

	"groupy/node/contract"
)

// decode turns one line of a node in real time into an event.
func decode(nodeName string, incarnation int, line []byte) Event {
	env, head, err := contract.Line(line)
	if err == nil {
		err = contract.RealDest(env.Dest)
	}
	if err == nil {
		var body any
		if body, err = contract.Body(head, env.Body); err == nil {
			return Said{Node: nodeName, Incarnation: incarnation, Dest: env.Dest, Body: body}
		}
	}
	return Misread(nodeName, incarnation, line, err)
}

// Misread is a line that none of the contract's readers could read.
func Misread(nodeName string, incarnation int, line []byte, err error) Garbled {
	return Garbled{Node: nodeName, Incarnation: incarnation, Line: Shorten(line), Err: err}
}

// Shorten keeps a line fit for a log.
func Shorten(line []byte) string {
	const most = 200
	if len(line) <= most {
		return string(line)
	}
	return fmt.Sprintf("%s… (%d bytes)", line[:most], len(line))
}
