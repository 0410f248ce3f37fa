package runtime

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"groupy/node"
	"groupy/node/machine"
)

// The ladder's levels as far as these tests need them: one without a failure
// detector is enough for order, and one with it for elections.
const (
	anyLevel      = "gms1"
	electingLevel = "gms3"
)

func TestThreeProcessesDeliverInOneOrder(t *testing.T) {
	ps := newCluster(t, 3, body{"protocol": anyLevel, "app": "colour"}).group()
	const each = 50
	for i := range each {
		for _, p := range ps {
			p.ask(body{"type": "multicast", "msg": fmt.Sprintf("%s-%d", p.name, i)})
		}
	}
	for _, p := range ps {
		p.awaitCount("deliver", 3*each)
		p.awaitCount("multicast_ok", each)
	}
	for _, p := range ps[1:] {
		if got, want := p.delivered(), ps[0].delivered(); !slices.Equal(got, want) {
			t.Errorf("%s delivers %v, n1 %v", p.name, got, want)
		}
	}
	// Each ends in the same colour, the joiners too, and no internal message shows.
	last := map[string]bool{}
	for _, p := range ps {
		p.mu.Lock()
		states := all(p.said, "deliver", "state")
		last[states[len(states)-1]] = true
		for _, msg := range append(all(p.said, "deliver", "msg"), all(p.said, "send", "msg")...) {
			if strings.HasPrefix(msg, "~") {
				t.Errorf("%s reports the application's own message %s", p.name, msg)
			}
		}
		p.mu.Unlock()
	}
	if len(last) != 1 || last[""] {
		t.Errorf("final colours %v, want one", last)
	}
}

func TestAKilledLeaderIsReplacedAndComesBackAsAnother(t *testing.T) {
	// The timeout is out of reach: what is noticed is noticed by the connection.
	c := newCluster(t, 3, body{"protocol": electingLevel, "timeout_ms": 600_000})
	ps := c.group()
	ps[1].must(body{"type": "multicast", "msg": "m1"})
	if err := ps[0].cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ps[1].awaitView("n2.1", "n3.1")
	ps[2].awaitView("n2.1", "n3.1")
	ps[2].must(body{"type": "multicast", "msg": "m2"})

	again := c.Start("n1", 2)
	again.must(body{"type": "join", "contacts": []string{"n2"}})
	for _, p := range []*process{ps[1], ps[2], again} {
		p.awaitView("n2.1", "n3.1", "n1.2")
	}
	again.must(body{"type": "multicast", "msg": "m3"})
	for _, p := range ps[1:] {
		p.awaitDelivery("m3")
		if got := p.delivered(); !slices.Equal(got, []string{"m1", "m2", "m3"}) {
			t.Errorf("%s delivers %v", p.name, got)
		}
	}
	if got := again.delivered(); !slices.Equal(got, []string{"m3"}) {
		t.Errorf("n1.2 delivers %v, want only what came after it joined", got)
	}
}

func TestAMessageForAnotherIncarnationIsDropped(t *testing.T) {
	c := newCluster(t, 2, body{"protocol": anyLevel})
	p := c.Start("n1", 2)
	conn, err := net.Dial("tcp", c.addrs["n1"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, line := range []string{
		`{"src":"n2","dest":"n1","body":{"type":"gms","from":"n2.1","to":"n1.1","m":` + aMessage(t) + `}}`,
		`not a message`, // does not end the connection
		`{"src":"n2","dest":"n1","body":{"type":"gms","from":"n2.1","to":"n1.7","m":` + aMessage(t) + `}}`,
	} {
		if _, err := conn.Write(node.AppendFrame(nil, []byte(line))); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the log to tell of both", func() bool {
		log := p.log.String()
		return strings.Contains(log, "for n1.1, I am n1.2") && strings.Contains(log, "for n1.7, I am n1.2")
	})
	p.must(body{"type": "shutdown"})
	if code := p.awaitEnd(); code != 0 {
		t.Errorf("exit %d after shutdown", code)
	}
}

func TestMalformedAndUnknownLinesAreAnswered(t *testing.T) {
	p := newCluster(t, 1, body{"protocol": anyLevel}).group()[0]
	for _, c := range []struct {
		line string
		code float64
	}{
		{`not JSON`, 12},
		{`[1,2]`, 12},
		{`{"src":"c1","dest":"n1"}`, 12},
		{`{"src":"c1","dest":"n1","body":{"msg_id":1}}`, 12},
		{`{"src":"c1","dest":"n1","body":{"type":"multicast","msg_id":1,"msg":7}}`, 12},
		{`{"src":"c1","dest":"n1","body":{"type":"multicast","msg_id":1}}`, 12},
		{`{"src":"c1","dest":"n1","body":{"type":"multicast","msg_id":1,"msg":"~x"}}`, 12},
		{`{"src":"c1","dest":"n9","body":{"type":"multicast","msg_id":1,"msg":"x"}}`, 1},
		{`{"src":"c1","dest":"n1","body":{"type":"frobnicate","msg_id":1}}`, 10},
		{`{"src":"c1","dest":"n1","body":{"type":"read","msg_id":1,"key":"k"}}`, 10},
		{`{"src":"c1","dest":"n1","body":{"type":"timer","id":"x"}}`, 10},
		{`{"src":"c1","dest":"n1","body":{"type":"init","msg_id":1}}`, 14},
	} {
		p.mu.Lock()
		before := len(p.said)
		p.mu.Unlock()
		p.raw(c.line)
		p.await("answer to "+c.line, func(said []body) bool { return len(said) > before })
		p.mu.Lock()
		got := p.said[before]
		p.mu.Unlock()
		if got.str("type") != "error" || got["code"] != c.code {
			t.Errorf("%s is answered with %v, want code %v", c.line, got, c.code)
		}
	}
	p.must(body{"type": "multicast", "msg": "m1", "frob": 1}) // unknown fields are ignored
}

func TestInitIsAnsweredUntilItCanBeFollowed(t *testing.T) {
	p := start(t, "n1", os.Args[0])
	for _, c := range []struct {
		change body
		says   string
	}{
		{body{"config": body{"protocol": "gms0"}}, anyLevel},
		{body{"config": body{"protocol": anyLevel, "app": "color"}}, "colour"},
		{body{"config": body{"protocol": anyLevel, "timeout_ms": -1}}, "timeout_ms"},
		{body{"transport": "stdio"}, "virtual"},
		{body{"clock": "virtual"}, "virtual"},
		{body{"incarnation": 0}, "incarnation"},
		{body{"node_ids": []string{"n2"}}, "node_ids"},
		{body{"listen": "127.0.0.1:none"}, "listen"},
	} {
		in := body{
			"type": "init", "node_id": "n1", "incarnation": 1, "node_ids": []string{"n1"}, "transport": "tcp", "clock": "real",
			"listen": "127.0.0.1:0", "config": body{"protocol": anyLevel},
		}
		for k, v := range c.change {
			in[k] = v
		}
		got := p.call(in)
		if got["code"] != 12.0 || !strings.Contains(got.str("text"), c.says) {
			t.Errorf("init with %v is answered with %v, want code 12 and %q", c.change, got, c.says)
		}
	}
	if got := p.call(body{"type": "join"}); got["code"] != 11.0 {
		t.Errorf("join before init is answered with %v", got)
	}
	p.must(body{
		"type": "init", "node_id": "n1", "incarnation": 1, "node_ids": []string{"n1"}, "transport": "tcp", "clock": "real",
		"listen": "127.0.0.1:0", "config": body{"protocol": anyLevel},
	})
}

func TestTheEndOfStdinOrAShutdownEndsTheNode(t *testing.T) {
	p := newCluster(t, 1, body{"protocol": anyLevel}).group()[0]
	if err := p.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := p.awaitEnd(); code != 0 {
		t.Errorf("exit %d, want 0", code)
	}
	idle := start(t, "n3", os.Args[0])
	idle.must(body{"type": "shutdown"})
	if code := idle.awaitEnd(); code != 0 {
		t.Errorf("exit %d after a shutdown before init, want 0", code)
	}
	before := start(t, "n2", os.Args[0])
	if err := before.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := before.awaitEnd(); code != 0 {
		t.Errorf("exit %d before init, want 0", code)
	}
}

// aMessage is some message of anyLevel, in JSON: one that a joiner sends.
func aMessage(t *testing.T) string {
	t.Helper()
	in := node.Init{NodeID: "n2", Incarnation: 1, NodeIDs: []string{"n1", "n2"}, Config: json.RawMessage(`{"protocol":"` + anyLevel + `"}`)}
	m, err := machine.NewMachine(in)
	if err != nil {
		t.Fatal(err)
	}
	raw := []byte(`{"type":"join","msg_id":1,"contacts":["n1"]}`)
	for _, o := range m.Step(0, machine.Request{Src: "harness", Head: node.Head{Type: "join", MsgID: 1}, Body: raw}) {
		if s, ok := o.(machine.Send); ok {
			b, err := node.Encode(s.Message)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	t.Fatal("a joiner sends nothing")
	return ""
}

// BenchmarkMulticast delivers each message at all five of a group's processes,
// which are connected directly. The rate is printed as multicasts a second.
func BenchmarkMulticast(b *testing.B) {
	for _, protocol := range []string{"gms1", "gms4"} {
		b.Run(protocol, func(b *testing.B) {
			ps := newCluster(b, 5, body{"protocol": protocol}).group()
			b.ResetTimer()
			for i := range b.N {
				ps[i%5].ask(body{"type": "multicast", "msg": fmt.Sprintf("m%d", i)})
			}
			for _, p := range ps {
				p.awaitCount("deliver", b.N)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "multicasts/s")
		})
	}
}
