package gms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// flowGroup is a leader's core in a view of three, and what it sends.
func flowGroup(t *testing.T, history int) *primary {
	t.Helper()
	p := newGMS5(Config{Node: "n1", Incarnation: 1, Nodes: []string{"n1", "n2", "n3"}, History: history}).(*primary)
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
	count := func(effects []Effect) {
		for _, e := range effects {
			switch e := e.(type) {
			case Reply:
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
			count(p.Step(p.now, Multicast{Req: uint64(asked), Msg: fmt.Sprint("m", asked)}))
			for _, m := range from {
				count(p.Step(p.now, Receive{From: m, Message: &gms5Message{Type: gms5Ack, View: 2, N: p.log.end()}}))
			}
			if len(p.log.entries) > history {
				t.Fatalf("the log holds %d entries, its limit is %d", len(p.log.entries), history)
			}
		}
	}
	turn(3*history, "n2.1") // n3.1 lags
	if answered != history || len(p.pending) != history || refused != history {
		t.Fatalf("%d delivered, %d wait, %d refused; want %d of each", answered, len(p.pending), refused, history)
	}
	for range 3 { // n3.1 catches up
		for _, m := range []string{"n2.1", "n3.1"} {
			count(p.Step(p.now, Receive{From: m, Message: &gms5Message{Type: gms5Ack, View: 2, N: p.log.end()}}))
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
		for _, e := range p.Step(p.now, Multicast{Req: uint64(i), Msg: fmt.Sprint("m", i), Payload: flowPayload(size)}) {
			switch e := e.(type) {
			case Reply:
				refused++
			case Send:
				if m := e.Message.(*gms5Message); len(m.Entries) > 1 {
					t.Fatalf("%d entries of %d bytes in one frame", len(m.Entries), size)
				}
			}
		}
	}
	for i := range 20 { // another origin's, which fill what is left and are asked for again
		e := gms5Entry{"n2.1", i + 1, fmt.Sprint("o", i), flowPayload(size)}
		p.Step(p.now, Receive{From: "n2.1", Message: &gms5Message{Type: gms5Submit, View: 2, Entries: []gms5Entry{e}}})
	}
	if taken := gms5LogBytes / size; refused < 20-taken || refused == 20 || p.log.bytes > gms5LogBytes {
		t.Fatalf("%d of 20 are refused, the log holds %d bytes", refused, p.log.bytes)
	}
	p.Step(p.now, Receive{From: "n2.1", Message: &gms5Message{Type: gms5Ack, View: 2, N: p.log.end()}})
	p.Step(p.now, Receive{From: "n3.1", Message: &gms5Message{Type: gms5Ack, View: 2, N: p.log.end()}})
	if len(p.log.entries) != 0 || p.log.bytes != 0 || p.pendingBytes != 0 {
		t.Fatalf("all is stable, and %d entries of %d bytes are kept, %d wait", len(p.log.entries), p.log.bytes, p.pendingBytes)
	}
}

// Messages that come together are sent together, also if the last is refused.
func TestGMS5SendsTogetherWhatComesTogether(t *testing.T) {
	for _, last := range []json.RawMessage{flowPayload(1), flowPayload(gms5LogBytes)} {
		p := flowGroup(t, 0)
		frames, entries := 0, 0
		for i := range 10 {
			in := Multicast{Req: uint64(i), Msg: fmt.Sprint("m", i), More: i < 9}
			if !in.More {
				in.Payload = last
			}
			for _, e := range p.Step(p.now, in) {
				if s, ok := e.(Send); ok && s.To == "n2.1" {
					frames, entries = frames+1, entries+len(s.Message.(*gms5Message).Entries)
				}
			}
		}
		if frames != 1 || entries < 9 {
			t.Fatalf("%d entries in %d frames, want 9 or 10 in one", entries, frames)
		}
	}
}

// When a view ends, a member delivers all that it holds of it and the decision has
// let go of as stable, also where that is more than one frame may carry.
func TestGMS5TheRestOfAViewIsNoFrame(t *testing.T) {
	p := &primary{}
	for i := range 10 {
		p.log.append(gms5Entry{Origin: "n1.1", Seq: i + 1, Payload: flowPayload(gms5FrameBytes / 4)})
	}
	last := gms5Entry{Origin: "n1.1", Seq: 11}
	p.delivered = 1
	rest := p.rest(&gms5Value{Start: 10, Log: []gms5Entry{last}})
	if len(rest) != 10 || rest[0].Seq != 2 || rest[9].Seq != 11 {
		t.Fatalf("of 10 places the rest holds %d", len(rest))
	}
}
