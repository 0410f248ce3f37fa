package machine

import (
	"fmt"
	"time"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
)

// operation is a read, write or cas: one multicast, answered where it is
// delivered, if the application is a Store.
func (m *Machine) operation(now time.Duration, r Request) {
	store, ok := m.app.(app.Store)
	if !ok {
		m.emit(ErrorTo(r.Src, r.Head, node.CodeNotSupported, fmt.Sprintf("no request %q here: the app %s holds no map", r.Head.Type, m.Setup.app.Name)))
		return
	}
	msg, op, ok := m.asOperation(r)
	if !ok {
		return
	}
	if msg == "" { // unique as long as the asking process is
		msg = fmt.Sprintf("%s/%d", r.Src, r.Head.MsgID)
	}
	if app.Internal(msg) || m.asked[msg] != nil {
		m.emit(ErrorTo(r.Src, r.Head, node.CodeMalformed, fmt.Sprintf("msg %q is taken or kept for the application", msg)))
		return
	}
	payload, answer := store.Ask(op)
	if answer != nil {
		m.emit(answered(&pending{src: r.Src, head: r.Head, answer: answer}))
		return
	}
	m.ask(now, r, func(req uint64) gms.Input {
		p := m.pending[req]
		p.msg, m.asked[msg] = msg, p
		return gms.Multicast{Req: req, Msg: msg, Payload: payload}
	})
}

// asOperation reads the three requests as one kind of thing. A body that cannot
// be read is answered here.
func (m *Machine) asOperation(r Request) (msg string, op app.Operation, ok bool) {
	op.F = r.Head.Type
	switch op.F {
	case node.TypeRead:
		if q, ok := decode[node.Read](m, r); ok {
			op.Key = q.Key
			return q.Msg, op, true
		}
	case node.TypeWrite:
		if q, ok := decode[node.Write](m, r); ok {
			op.Key, op.Value = q.Key, q.Value
			return q.Msg, op, true
		}
	case node.TypeCAS:
		if q, ok := decode[node.CAS](m, r); ok {
			op.Key, op.From, op.To = q.Key, q.From, q.To
			return q.Msg, op, true
		}
	}
	return "", op, false
}

// answered is the reply to an operation. One that was delivered without an answer
// met an application that did not hold the map (any more): what became of it is
// for others to know.
func answered(p *pending) *Line {
	switch a := p.answer; {
	case a == nil:
		return ErrorTo(p.src, p.head, node.CodeCrash, "delivered, but the map here was not complete")
	case a.Failed != nil:
		return ErrorTo(p.src, p.head, a.Failed.Code, a.Failed.Text)
	case p.head.Type == node.TypeRead:
		ok := node.Head{Type: node.ReplyTo(p.head.Type), InReplyTo: p.head.MsgID}
		return &Line{p.src, node.ReadOK{Head: ok, Value: a.Value}}
	}
	return OkTo(p.src, p.head)
}
