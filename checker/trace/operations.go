package trace

import "groupy/checker/history"

// Operations is told, event by event, what clients did to objects: what a message
// means to those who sent it, and what it was answered. A trace knows no more of it.
type Operations interface {
	// Invoke takes an invocation that is no multicast, join or leave, and gives the
	// number of the operation; none if it has no number.
	Invoke(e *history.Event) int32
	// Complete takes the completion of the operation with a number.
	Complete(e *history.Event, id int32)
	// Delivered takes the first delivery of the message that carries an operation.
	Delivered(id int32)
	// Fault takes a fault's event.
	Fault(e *history.Event)
}

// Unmodelled stands for an operation that the model does not have, or that could not be
// understood: it has no number.
const Unmodelled = -2

// Carried is what a message carries by what invoke gave.
func Carried(id int32) int32 {
	if id == None {
		return Unmodelled
	}
	return id
}
