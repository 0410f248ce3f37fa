package node

import "strconv"

// frequent is a body that a node writes for each message: it appends the bytes that
// Encode gives for it, and spares the group what encoding/json would cost it.
type frequent interface {
	appendJSON(buf []byte) []byte
}

func (h Head) append(buf []byte) []byte {
	buf = AppendString(append(buf, `{"type":`...), h.Type)
	if h.MsgID != 0 {
		buf = strconv.AppendInt(append(buf, `,"msg_id":`...), h.MsgID, 10)
	}
	if h.InReplyTo != 0 {
		buf = strconv.AppendInt(append(buf, `,"in_reply_to":`...), h.InReplyTo, 10)
	}
	return buf
}

func (d *Deliver) appendJSON(buf []byte) []byte {
	if d.Head == (Head{Type: TypeDeliver}) { // as all are
		buf = append(buf, `{"type":"`+TypeDeliver+`","msg":`...)
	} else {
		buf = append(d.Head.append(buf), `,"msg":`...)
	}
	buf = AppendString(buf, d.Msg)
	buf = AppendString(append(buf, `,"sender":`...), d.Sender)
	buf = AppendString(append(buf, `,"view":`...), d.View)
	if d.State != "" {
		buf = AppendString(append(buf, `,"state":`...), d.State)
	}
	return append(buf, '}')
}

func (s Send) appendJSON(buf []byte) []byte {
	buf = AppendString(append(s.Head.append(buf), `,"msg":`...), s.Msg)
	buf = AppendString(append(buf, `,"view":`...), s.View)
	return append(buf, '}')
}

func (o OK) appendJSON(buf []byte) []byte { return append(o.Head.append(buf), '}') }
