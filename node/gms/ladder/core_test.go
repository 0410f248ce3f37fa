package ladder

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node/gms"
)

var levels = map[string]func(gms.Config) gms.Core{"gms1": NewGMS1, "gms2": NewGMS2, "gms3": NewGMS3, "gms4": NewGMS4}

func newLevel(level string, c gms.Config) *group {
	return levels[level](c).(*group)
}

func drawMember() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"n1.1", "n2.1", "n2.2", "n3.1", "n4.1"})
}

func drawRequest(t *rapid.T) request {
	return request{
		Type:   rapid.SampledFrom([]string{kindMcast, kindJoin, kindLeave}).Draw(t, "request"),
		Member: drawMember().Draw(t, "member"),
		Msg:    rapid.SampledFrom([]string{"", "m1", "m2", "<&>"}).Draw(t, "msg"),
	}
}

func drawMessage(t *rapid.T) gms.Message {
	small := rapid.Uint64Range(0, 9)
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		return drawRequest(t)
	case 1:
		return heartbeat{Type: kindHeartbeat}
	case 2:
		return heir{Type: kindHeir, View: small.Draw(t, "view")}
	case 3:
		return installed{Type: kindInstalled, View: small.Draw(t, "view")}
	case 4:
		return nack{Type: kindNack, From: small.Draw(t, "from"), To: small.Draw(t, "to")}
	case 5:
		return cast{Type: kindMsg, N: small.Draw(t, "n"), Msg: fmt.Sprint("m", small.Draw(t, "m")), Sender: drawMember().Draw(t, "sender")}
	}
	v := cast{Type: kindView, N: small.Draw(t, "n"), View: small.Draw(t, "view")}
	v.Members = rapid.SliceOfNDistinct(drawMember(), 1, 5, rapid.ID[string]).Draw(t, "members")
	if rapid.IntRange(0, 3).Draw(t, "with waiting") == 0 {
		v.Waiting = []request{drawRequest(t)}
	}
	return v
}

func drawInput(t *rapid.T, req uint64) gms.Input {
	switch rapid.IntRange(0, 9).Draw(t, "input") {
	case 0:
		return gms.Join{Req: req, Contacts: rapid.SliceOfN(rapid.SampledFrom([]string{"n1", "n2", "n3"}), 0, 3).Draw(t, "contacts")}
	case 1:
		return gms.Leave{Req: req}
	case 2:
		return gms.Multicast{Req: req, Msg: fmt.Sprint("own", rapid.IntRange(0, 3).Draw(t, "own"))}
	case 3:
		return gms.Closed{Node: rapid.SampledFrom([]string{"n1", "n3", "n4"}).Draw(t, "closed")}
	case 4:
		return gms.Timer{ID: rapid.SampledFrom([]string{
			timerJoin, timerLeave, timerHandover, timerHeartbeat, timerSilence, timerNack, "unknown",
		}).Draw(t, "timer")}
	}
	return gms.Receive{From: drawMember().Draw(t, "from"), Message: drawMessage(t)}
}

// Whatever arrives, in whatever order, a core keeps its invariants, answers a
// request once at most, changes no message, and does the same thing twice.
func TestLadderBearsAnything(t *testing.T) {
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		t.Run(level, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { bearAnything(t, level) })
		})
	}
}

func bearAnything(t *rapid.T, level string) {
	c := gms.Config{Node: "n2", Incarnation: 1, History: 3}
	g, twin := newLevel(level, c), newLevel(level, c)
	answers := map[uint64]int{}
	seen := map[string]gms.Message{} // every message that was handed over, by its text at that time
	var now time.Duration
	for req := uint64(1); req <= 60; req++ {
		now += time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "pass"))
		in := drawInput(t, req)
		if r, ok := in.(gms.Receive); ok {
			seen[text(t, r.Message)] = r.Message
		}
		out := slices.Clone(g.Step(now, in))
		if diff := cmp.Diff(out, slices.Clone(twin.Step(now, in))); diff != "" {
			t.Fatalf("two cores differ after %+v:\n%s", in, diff)
		}
		for _, e := range out {
			switch e := e.(type) {
			case gms.Reply:
				if answers[e.Req]++; answers[e.Req] > 1 || e.Req > req {
					t.Fatalf("request %d of %d is answered %d times", e.Req, req, answers[e.Req])
				}
			case gms.Install:
				if !slices.Contains(e.Members, g.me) {
					t.Fatalf("installs view %s %v", e.View, e.Members)
				}
			case gms.Send:
				seen[text(t, e.Message)] = e.Message
			}
		}
		holdInvariants(t, g)
	}
	for was, m := range seen {
		if is := text(t, m); is != was {
			t.Fatalf("a message was changed from %s to %s", was, is)
		}
	}
}

func holdInvariants(t *rapid.T, g *group) {
	switch g.phase {
	case following:
		if g.members[0] == g.me || !slices.Contains(g.members, g.me) {
			t.Fatalf("%s follows in %v", g.me, g.members)
		}
	case leading, retiring:
		if g.members[0] != g.me {
			t.Fatalf("%s leads %v", g.me, g.members)
		}
	}
	if g.heir && g.phase != following {
		t.Fatalf("heir in phase %d", g.phase)
	}
	if o, ok := g.order.(*repaired); ok {
		for i, c := range o.history {
			if c.N != o.next-uint64(len(o.history)-i) {
				t.Fatalf("history %v before %d has a gap", o.history, o.next)
			}
		}
		if len(o.history) > o.limit {
			t.Fatalf("history of %d, limit %d", len(o.history), o.limit)
		}
	}
}

func text(t interface{ Fatal(...any) }, m gms.Message) string {
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestLadderDecodeIsTheInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		raw := text(t, m)
		back, err := Decode([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Fatalf("%s comes back as\n%s", raw, diff)
		}
	})
	for _, bad := range []string{``, `[]`, `{}`, `{"t":"view","n":1}`, `{"t":"msg","n":-1}`, `{"t":"order"}`} {
		if m, err := Decode([]byte(bad)); err == nil {
			t.Errorf("%q is taken for %+v", bad, m)
		}
	}
}

// What cannot be done is answered at once and definitely; what may yet happen is
// not.
func TestLadderAnswers(t *testing.T) {
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		g := newLevel(level, gms.Config{Node: "n1", Incarnation: 1})
		expect(t, g, gms.Multicast{Req: 1, Msg: "m"}, 11)
		expect(t, g, gms.Leave{Req: 2}, 11)
		expect(t, g, gms.Join{Req: 3, Contacts: []string{"n1"}}, 11)
		expect(t, g, gms.Join{Req: 4, Contacts: []string{"n2", "n3"}}, none)
		expect(t, g, gms.Join{Req: 5, Contacts: []string{"n2"}}, 11)
		expect(t, g, gms.Timer{ID: timerJoin}, none) // n3 is asked now
		expect(t, g, gms.Timer{ID: timerJoin}, 0)
		view := cast{Type: kindView, N: 4, View: 4, Members: []string{"n2.1", "n1.1"}}
		expect(t, g, gms.Receive{From: "n2.1", Message: view}, none) // late, and welcome
		expect(t, g, gms.Join{Req: 6}, 11)
		expect(t, g, gms.Multicast{Req: 7, Msg: "m"}, none)
		expect(t, g, gms.Multicast{Req: 8, Msg: "m"}, 12)
		expect(t, g, gms.Leave{Req: 9}, none)
		expect(t, g, gms.Leave{Req: 10}, 11)
		expect(t, g, gms.Multicast{Req: 11, Msg: "n"}, 11)
		expect(t, g, gms.Timer{ID: timerLeave}, 0)
		expect(t, g, gms.Leave{Req: 12}, none)
	}
}

const none = -1

func expect(t *testing.T, g *group, in gms.Input, code int) {
	t.Helper()
	got := none
	for _, e := range g.Step(0, in) {
		if r, ok := e.(gms.Reply); ok && r.Failed != nil {
			got = r.Failed.Code
		} else if ok {
			got = 1000 // success
		}
	}
	if got != code {
		t.Errorf("%T %+v is answered with %d, want %d", in, in, got, code)
	}
}

func TestMailboxIsBounded(t *testing.T) {
	g := newLevel("gms3", gms.Config{Node: "n2", Incarnation: 1})
	g.Step(0, gms.Join{Req: 1, Contacts: []string{"n1"}})
	g.Step(0, gms.Receive{From: "n1.1", Message: cast{Type: kindView, N: 2, View: 2, Members: []string{"n1.1", "n2.1"}}})
	var logs []string
	for n := uint64(4); n < mailboxLimit+14; n++ { // 3 is missing
		for _, e := range g.Step(0, gms.Receive{From: "n1.1", Message: cast{Type: kindMsg, N: n, Msg: "m", Sender: "n1.1"}}) {
			logs = append(logs, e.(gms.Log).Text)
		}
	}
	if len(g.box.letters) != mailboxLimit {
		t.Errorf("%d messages wait, the limit is %d", len(g.box.letters), mailboxLimit)
	}
	if len(logs) != 1 || !strings.Contains(logs[0], "mailbox is full") {
		t.Errorf("logs %q", logs)
	}
	delivered := 0
	for _, e := range g.Step(0, gms.Receive{From: "n1.1", Message: cast{Type: kindMsg, N: 3, Msg: "m", Sender: "n1.1"}}) {
		if _, ok := e.(*gms.Deliver); ok {
			delivered++
		}
	}
	if delivered != mailboxLimit+1 {
		t.Errorf("the missing message lets %d be delivered, want %d", delivered, mailboxLimit+1)
	}
}
