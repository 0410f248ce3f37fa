package gms5

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// flowGroup is a leader's core in a view of three, and what it sends.
func flowGroup(t *testing.T, history int) *primary {
	t.Helper()
	p := New(gms.Config{Node: "n1", Incarnation: 1, Nodes: []string{"n1", "n2", "n3"}, History: history}).(*primary)
	p.install(2, []string{"n1.1", "n2.1", "n3.1"}, map[string]int{})
	return p
}

func flowPayload(size int) json.RawMessage {
	return json.RawMessage(`"` + string(bytes.Repeat([]byte{'x'}, size)) + `"`)
}

// A member that acknowledges nothing bounds the log: the others deliver all that
// was taken, what is not taken is refused with 11, and once the member has caught
// up the group takes more, with no message lost.
func TestGMS5LogIsBoundedWhileAMemberLags(t *testing.T) {
	const history = 40
	p := flowGroup(t, history)
	answered, refused, asked := 0, 0, 0
	count := func(effects []gms.Effect) {
		for _, e := range append(slices.Clone(effects), settled(p)...) {
			switch e := e.(type) {
			case gms.Reply:
				if e.Failed == nil {
					answered++
				} else if refused++; e.Failed.Code != 11 {
					t.Fatalf("refused with %d, want 11", e.Failed.Code)
				}
			}
		}
	}
	turn := func(n int, from ...string) {
		for range n {
			asked++
			count(p.Step(p.now, gms.Multicast{Req: uint64(asked), Msg: fmt.Sprint("m", asked)}))
			for _, m := range from {
				count(p.Step(p.now, gms.Receive{From: m, Message: &wire.Message{Type: wire.Ack, View: 2, N: p.log.end()}}))
			}
			if p.log.length > history {
				t.Fatalf("the log holds %d entries, its limit is %d", p.log.length, history)
			}
		}
	}
	turn(3*history, "n2.1") // n3.1 lags
	if answered != history || len(p.pending) != history || refused != history {
		t.Fatalf("%d delivered, %d wait, %d refused; want %d of each", answered, len(p.pending), refused, history)
	}
	for range 3 { // n3.1 catches up
		for _, m := range []string{"n2.1", "n3.1"} {
			count(p.Step(p.now, gms.Receive{From: m, Message: &wire.Message{Type: wire.Ack, View: 2, N: p.log.end()}}))
		}
	}
	if answered+refused != asked || len(p.pending) != 0 {
		t.Fatalf("of %d, %d were delivered and %d refused; %d wait", asked, answered, refused, len(p.pending))
	}
	turn(1, "n2.1", "n3.1")
	if answered+refused != asked {
		t.Fatal("the group takes nothing after the lag")
	}
}

// Large payloads fill the log by their bytes, long before its places.
func TestGMS5LogIsBoundedInBytes(t *testing.T) {
	p := flowGroup(t, 0)
	const size = 1 << 20
	refused := 0
	for i := range 20 {
		p.Step(p.now, gms.Multicast{Req: uint64(i), Msg: fmt.Sprint("m", i), Payload: flowPayload(size)})
		for _, e := range append(slices.Clone(p.out), settled(p)...) {
			switch e := e.(type) {
			case gms.Reply:
				refused++
			case gms.Send:
				if m := e.Message.(*wire.Message); len(m.Entries) > 1 {
					t.Fatalf("%d entries of %d bytes in one frame", len(m.Entries), size)
				}
			}
		}
	}
	for i := range 20 { // another origin's, which fill what is left and are asked for again
		e := wire.Entry{Origin: "n2.1", Seq: i + 1, Msg: fmt.Sprint("o", i), Payload: flowPayload(size)}
		p.Step(p.now, gms.Receive{From: "n2.1", Message: &wire.Message{Type: wire.Submit, View: 2, Entries: []wire.Entry{e}}})
	}
	if taken := logBytes / size; refused < 20-taken || refused == 20 || p.log.bytes > logBytes {
		t.Fatalf("%d of 20 are refused, the log holds %d bytes", refused, p.log.bytes)
	}
	p.Step(p.now, gms.Receive{From: "n2.1", Message: &wire.Message{Type: wire.Ack, View: 2, N: p.log.end()}})
	p.Step(p.now, gms.Receive{From: "n3.1", Message: &wire.Message{Type: wire.Ack, View: 2, N: p.log.end()}})
	if p.log.length != 0 || p.log.bytes != 0 || p.pendingBytes != 0 {
		t.Fatalf("all is stable, and %d entries of %d bytes are kept, %d wait", p.log.length, p.log.bytes, p.pendingBytes)
	}
}

// settled is what p says once all that had arrived is dealt with.
func settled(p *primary) []gms.Effect {
	if !p.soonDue {
		return nil
	}
	return slices.Clone(p.Step(p.now, gms.Timer{ID: timerSoon}))
}

// sentTo is what effects have for a member.
func sentTo(to string, effects []gms.Effect) (messages []*wire.Message) {
	for _, e := range effects {
		if s, ok := e.(gms.Send); ok && s.To == to {
			messages = append(messages, s.Message.(*wire.Message))
		}
	}
	return messages
}

// What comes together is answered together: by a leader with one order that also
// tells what is committed, by the others with one ack and one submit.
func TestGMS5SaysTogetherWhatComesTogether(t *testing.T) {
	leader := flowGroup(t, 0)
	said := 0
	for i := range 10 {
		said += len(sentTo("n2.1", leader.Step(0, gms.Multicast{Req: uint64(i), Msg: fmt.Sprint("m", i)})))
	}
	first := sentTo("n2.1", settled(leader))
	if said != 0 || len(first) != 1 || len(first[0].Entries) != 10 {
		t.Fatalf("%d messages before, %d then; want one with 10 entries", said, len(first))
	}
	leader.Step(0, gms.Multicast{Req: 10, Msg: "m10"})
	for _, m := range []string{"n2.1", "n3.1"} {
		said += len(sentTo("n2.1", leader.Step(0, gms.Receive{From: m, Message: &wire.Message{Type: wire.Ack, View: 2, N: 10}})))
	}
	second := sentTo("n2.1", settled(leader))
	if said != 0 || len(second) != 1 || len(second[0].Entries) != 1 || second[0].Commit != 10 {
		t.Fatalf("%d messages before, then %v; want one order that commits 10", said, second)
	}

	member := New(gms.Config{Node: "n2", Incarnation: 1, Nodes: []string{"n1", "n2", "n3"}}).(*primary)
	member.install(2, []string{"n1.1", "n2.1", "n3.1"}, map[string]int{})
	for i, e := range first[0].Entries {
		one := &wire.Message{Type: wire.Order, View: 2, First: i + 1, Entries: []wire.Entry{e}}
		said += len(sentTo("n1.1", member.Step(0, gms.Receive{From: "n1.1", Message: one})))
		said += len(sentTo("n1.1", member.Step(0, gms.Multicast{Req: uint64(i), Msg: fmt.Sprint("o", i)})))
	}
	answer := sentTo("n1.1", settled(member))
	if said != 0 || len(answer) != 2 || answer[0].N != 10 || len(answer[1].Entries) != 10 {
		t.Fatalf("%d messages before, then %v; want one ack of 10 and one submit of 10", said, answer)
	}
}

// Who has promised acknowledges nothing, also not what it took before.
func TestGMS5PutsOffNoAckBehindAPromise(t *testing.T) {
	p := New(gms.Config{Node: "n2", Incarnation: 1, Nodes: []string{"n1", "n2", "n3"}}).(*primary)
	p.install(2, []string{"n1.1", "n2.1", "n3.1"}, map[string]int{})
	order := &wire.Message{Type: wire.Order, View: 2, First: 1, Entries: []wire.Entry{{Origin: "n1.1", Seq: 1, Msg: "m"}}}
	p.Step(0, gms.Receive{From: "n1.1", Message: order})
	p.Step(0, gms.Receive{From: "n3.1", Message: &wire.Message{Type: wire.Prepare, View: 2, Ballot: &wire.Ballot{Round: 1, By: "n3.1"}}})
	if !p.soonDue || !p.fenced() {
		t.Fatal("no ack was put off behind a promise")
	}
	if said := sentTo("n1.1", settled(p)); len(said) != 0 {
		t.Fatalf("it says %v", said[0])
	}
}

// When a view ends, a member delivers all that it holds of it and the decision has
// let go of as stable, also where that is more than one frame may carry.
func TestGMS5TheRestOfAViewIsNoFrame(t *testing.T) {
	p := &primary{}
	for i := range 10 {
		p.log.append(wire.Entry{Origin: "n1.1", Seq: i + 1, Payload: flowPayload(frameBytes / 4)})
	}
	last := wire.Entry{Origin: "n1.1", Seq: 11}
	p.delivered = 1
	rest := p.rest(&wire.Value{Start: 10, Log: []wire.Entry{last}})
	if len(rest) != 10 || rest[0].Seq != 2 || rest[9].Seq != 11 {
		t.Fatalf("of 10 places the rest holds %d", len(rest))
	}
}
