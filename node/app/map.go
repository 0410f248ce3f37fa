package app

import (
	"bytes"
	"encoding/json"
	"fmt"

	"groupy/node"
)

// replicatedMap is a map from keys to JSON values, the same at every member after
// the same message. An operation takes effect where the group delivers it and is
// answered from there, so the answers are linearizable as far as the group's order
// is one: state machine replication (Schneider, "Implementing Fault-Tolerant
// Services Using the State Machine Approach", 1990), reads included.
//
// A member that did not create the group copies the map first (map_transfer.go)
// and refuses every operation until it holds all of it.
type replicatedMap struct {
	member     string
	localReads bool
	seen       bool // a view was installed
	entries    entries
	copying    *copying // nil once the member holds the whole map
	requests   int      // for the copy, so far
}

func newReplicatedMap(s Setup) App {
	return &replicatedMap{member: s.Member, localReads: s.LocalReads, copying: &copying{}}
}

// absent is the value of a key that was never written.
var absent = json.RawMessage("null")

// wireOperation is the payload of an operation's multicast. The wrapping tells it
// from what clients multicast.
type wireOperation struct {
	Operation *Operation `json:"operation"`
}

// Ask refuses what no order could serve, and sends the rest through the group.
func (m *replicatedMap) Ask(op Operation) (json.RawMessage, *Answer) {
	switch {
	case m.copying != nil:
		return nil, refused(node.CodeUnavailable, "%s does not hold the map now; ask again or elsewhere", m.member)
	case op.F == node.TypeWrite && isAbsent(op.Value):
		return nil, refused(node.CodeMalformed, "write has no value; null is what an absent key has")
	case op.F == node.TypeCAS && (isAbsent(op.From) || isAbsent(op.To)):
		return nil, refused(node.CodeMalformed, "cas needs from and to; null is what an absent key has")
	case op.F == node.TypeRead && m.localReads:
		return nil, m.apply(op)
	}
	return encode(wireOperation{&op}), nil
}

func (m *replicatedMap) View(members []string) Output { return m.told(m.view(members)) }

func (m *replicatedMap) Deliver(d Delivery) Output { return m.told(m.deliver(d)) }

// told adds the state, if the member holds all of it.
func (m *replicatedMap) told(out Output) Output {
	if m.copying == nil {
		out.State = m.entries.hash()
	}
	return out
}

func (m *replicatedMap) view(members []string) Output {
	first := !m.seen
	m.seen = true
	switch {
	case m.copying == nil:
		return Output{}
	case first && len(members) == 1:
		m.copying = nil
		return Output{Logs: []string{"map: created the group, starting empty"}}
	}
	return m.changed(members)
}

func (m *replicatedMap) deliver(d Delivery) Output {
	if Internal(d.Msg) {
		return m.transfer(d)
	}
	var w wireOperation
	if json.Unmarshal(d.Payload, &w) != nil || w.Operation == nil {
		return m.delivered() // a client's message, which is not ours
	}
	if m.copying != nil {
		m.missed(*w.Operation)
		return m.delivered()
	}
	return Output{Answer: m.apply(*w.Operation)}
}

// apply carries out one operation.
func (m *replicatedMap) apply(op Operation) *Answer {
	held, found := m.entries.get(op.Key)
	switch op.F {
	case node.TypeRead:
		if !found {
			return &Answer{Value: absent}
		}
		return &Answer{Value: held}
	case node.TypeWrite:
		m.entries.set(op.Key, op.Value)
		return &Answer{}
	case node.TypeCAS:
		if !found {
			return refused(node.CodeKeyMissing, "%q was never written", op.Key)
		}
		if !bytes.Equal(held, op.From) { // both without white space: encode took it out
			return refused(node.CodePrecondition, "%q holds %s, not %s", op.Key, held, op.From)
		}
		m.entries.set(op.Key, op.To)
		return &Answer{}
	}
	return refused(node.CodeNotSupported, "the map knows no %q", op.F)
}

func isAbsent(v json.RawMessage) bool { return len(v) == 0 || string(v) == string(absent) }

func refused(code node.Code, format string, args ...any) *Answer {
	return &Answer{Failed: &node.Error{Code: code, Text: fmt.Sprintf(format, args...)}}
}
