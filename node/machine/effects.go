package machine

import (
	"fmt"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
)

// Effect translates one effect of the core: to an output, and to the
// application where it concerns it.
func (m *Machine) Effect(e gms.Effect) {
	switch e := e.(type) {
	case gms.Send:
		m.send(e)
	case gms.SetTimer:
		m.emit(SetTimer{ID: e.ID, After: e.After})
	case gms.CancelTimer:
		m.emit(CancelTimer{ID: e.ID})
	case *gms.Deliver:
		m.deliver(e)
	case gms.Install:
		m.observe(node.View{Head: Head(node.TypeView), View: e.View, Members: e.Members, After: m.after()})
		m.take(m.app.View(e.Members))
	case gms.Resume:
		m.observe(node.View{Head: Head(node.TypeView), View: e.View, Members: e.Members, After: m.after()})
	case gms.Persist:
		m.persist(e)
	case gms.Sent:
		if !app.Internal(e.Msg) {
			m.observe(node.Send{Head: Head(node.TypeSend), Msg: e.Msg, View: e.View})
		}
	case gms.Flush:
		kind := node.TypeUnblock
		if e.On {
			kind = node.TypeBlock
		}
		m.observe(node.Flush{Head: Head(kind)})
	case gms.Evict:
		m.observe(node.Evict{Head: Head(node.TypeEvict), Reason: e.Reason})
		m.renewApp()
	case gms.Reply:
		m.reply(e)
	case gms.Log:
		m.emit(Log{Info, e.Text})
	default:
		panic(fmt.Sprintf("runtime: unknown effect %T", e))
	}
}

// send passes a message on, but not to this node's own name: nothing carries it
// there. A core that believes in this process's predecessor sends such messages.
func (m *Machine) send(e gms.Send) {
	if name, _ := node.SplitMember(e.To); name == m.Setup.core.Node {
		m.emit(Log{Trace, fmt.Sprintf("dropped %s to %s, I am %s", e.Message.Kind(), e.To, m.self)})
		return
	}
	m.emit(Send{To: e.To, Message: e.Message})
}

// deliver hands a message to the application first, since the observation
// carries the state after it. The application's own messages are not observed.
func (m *Machine) deliver(e *gms.Deliver) {
	out := m.app.Deliver(app.Delivery{Msg: e.Msg, Sender: e.Sender, Payload: e.Payload})
	if !app.Internal(e.Msg) {
		m.keep.last = e.Msg
		m.emit(m.observed(node.Deliver{Head: Head(node.TypeDeliver), Msg: e.Msg, Sender: e.Sender, View: e.View, State: out.State}))
	}
	if p := m.asked[e.Msg]; p != nil && p.answer == nil {
		p.answer = out.Answer
	}
	m.take(out)
}

// take carries out what the application answered. Its multicasts wait until the
// core is done with the current input.
func (m *Machine) take(out app.Output) {
	for _, text := range out.Logs {
		m.emit(Log{Info, text})
	}
	for _, c := range out.Casts {
		if !m.keep.made[c.Msg] { // else it was on its way before a restart, and is still
			m.casts = append(m.casts, c)
		}
	}
}

// renewApp ends the application's life with the membership: whoever joins later
// knows nothing.
func (m *Machine) renewApp() {
	m.app = m.Setup.newApp(m.self)
	m.casts = nil
}

func (m *Machine) reply(e gms.Reply) {
	p, asked := m.pending[e.Req]
	if !asked { // the application's own multicast, which nobody waits for
		if e.Failed != nil {
			m.emit(Log{Warn, fmt.Sprintf("the application's multicast failed: %s (%d)", e.Failed.Text, e.Failed.Code)})
		}
		return
	}
	delete(m.pending, e.Req)
	delete(m.asked, p.msg)
	if e.Failed != nil {
		m.emit(ErrorTo(p.src, p.head, node.Code(e.Failed.Code), e.Failed.Text))
		return
	}
	if p.msg != "" {
		m.emit(answered(p))
		return
	}
	m.emit(OkTo(p.src, p.head))
	if p.head.Type == node.TypeLeave {
		m.renewApp()
	}
}

func (m *Machine) observe(body any) { m.emit(&Line{Dest: node.Harness, Body: body}) }

// observation is the line that a delivery becomes, with its body.
type observation struct {
	line Line
	body node.Deliver
}

// observed gives the line of a delivery. Room is made for many at once: they are most
// of what a busy node says.
func (m *Machine) observed(d node.Deliver) *Line {
	if len(m.room) == 0 {
		m.room = make([]observation, 64)
	}
	o := &m.room[0]
	m.room = m.room[1:]
	o.body = d
	o.line = Line{node.Harness, &o.body}
	return &o.line
}

func Head(kind string) node.Head { return node.Head{Type: kind} }

func OkTo(src string, request node.Head) *Line {
	return &Line{src, node.OK{Head: node.Head{Type: node.ReplyTo(request.Type), InReplyTo: request.MsgID}}}
}

func ErrorTo(src string, request node.Head, code node.Code, text string) *Line {
	return &Line{src, node.Error{
		Head: node.Head{Type: node.TypeError, InReplyTo: request.MsgID},
		Code: code, Text: text,
	}}
}

func Unknown(r Request) *Line {
	return ErrorTo(r.Src, r.Head, node.CodeNotSupported, fmt.Sprintf("no request %q here", r.Head.Type))
}
