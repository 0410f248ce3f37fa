package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupy/node"
	"groupy/node/stable"
)

// again starts a member's next session, and gives what init was answered.
func (c *cluster) again(name string, session int) (*process, body) {
	c.t.Helper()
	p := start(c.t, name, c.argv...)
	return p, p.call(body{
		"type": "init", "node_id": name, "incarnation": 1, "session": session, "node_ids": c.names, "seed": 7,
		"transport": "tcp", "clock": "real", "listen": c.addrs[name], "peers": c.addrs, "config": c.extra, "data_dir": c.data,
	})
}

// kill ends processes by SIGKILL, all at one moment: none acts on another's end,
// since all are stopped before the first one's connections close.
func kill(ps ...*process) {
	for _, p := range ps {
		_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	}
	for _, p := range ps {
		_ = p.cmd.Process.Kill()
	}
	for _, p := range ps {
		select {
		case <-p.silent:
		case <-time.After(patience):
			p.t.Fatalf("%s was killed and does not end", p.name)
		}
		_ = p.cmd.Wait() // its stdout ends before its address is free
	}
}

func durableCluster(t *testing.T, n int) *cluster {
	c := newCluster(t, n, body{"protocol": "gms5", "app": "colour", "durable": true, "heartbeat_ms": 20, "timeout_ms": 20000})
	c.data = t.TempDir()
	return c
}

// firstView is the first view that a process observed, with where it takes up.
func (p *process) firstView() (v body) {
	p.await("a view", func(said []body) bool {
		for _, s := range said {
			if v == nil && s.str("type") == "view" {
				v = s
			}
		}
		return v != nil
	})
	return v
}

// TestAKilledProcessComesBackAsItWas: of three members all are killed at once, under
// load. Each takes up in its last view, delivers again what it had delivered since
// and in the same order, and what was acknowledged is there; then the group goes on.
func TestAKilledProcessComesBackAsItWas(t *testing.T) {
	c := durableCluster(t, 3)
	ps := c.group()
	for i := range 3600 { // past a base in each half: each own message is a record
		ps[i%3].ask(body{"type": "multicast", "msg": fmt.Sprint("m", i)})
		if i == 1799 || i == 3599 { // the second base finds something delivered
			ps[1].must(body{"type": "multicast", "msg": fmt.Sprint("acknowledged", i)})
		}
	}
	before := make([][]string, 3)
	for i, p := range ps {
		for k := range 50 { // in flight when it dies
			p.ask(body{"type": "multicast", "msg": fmt.Sprint("late", i, "/", k)})
		}
	}
	kill(ps...)
	for i, p := range ps {
		before[i] = p.delivered()
	}
	for i, name := range c.names {
		p, reply := c.again(name, 2)
		if reply.str("type") != "init_ok" {
			t.Fatalf("%s answers init with %v", name, reply)
		}
		ps[i] = p
	}
	for i, p := range ps {
		p.must(body{"type": "join", "contacts": []string{}}) // it is in already
		p.must(body{"type": "multicast", "msg": fmt.Sprint("new", i)})
	}
	var whole []string
	for i, p := range ps {
		for k := range ps {
			p.awaitDelivery(fmt.Sprint("new", k))
		}
		v := p.firstView()
		after, told := v["after"].(string)
		if !told {
			t.Fatalf("%s takes up with %v", p.name, v)
		}
		from := slices.Index(before[i], after) + 1
		if after != "" && from == 0 {
			t.Fatalf("%s takes up after %s, which it had not delivered", p.name, after)
		}
		now := slices.Concat(before[i][:from], p.delivered())
		if len(now) < len(before[i]) || !slices.Equal(now[:len(before[i])], before[i]) {
			t.Errorf("%s had delivered %d messages, and does %v again otherwise", p.name, len(before[i]), now[from:min(len(now), from+5)])
		}
		if !slices.Contains(now, "acknowledged3599") {
			t.Errorf("%s has lost what was acknowledged", p.name)
		}
		if whole == nil {
			whole = now
		}
		if n := min(len(now), len(whole)); !slices.Equal(now[:n], whole[:n]) {
			t.Errorf("%s and %s deliver in different orders", p.name, ps[0].name)
		}
	}
	if !slices.ContainsFunc(ps, func(p *process) bool { return p.firstView().str("after") != "" }) {
		t.Error("3,600 messages made nobody a base")
	}
}

// TestADamagedMemberDoesNotComeBack: whatever was done to the store is found at
// init, nothing is thrown away, and the node is well as a new incarnation.
func TestADamagedMemberDoesNotComeBack(t *testing.T) {
	c := durableCluster(t, 1)
	p := c.group()[0]
	p.must(body{"type": "multicast", "msg": "one"})
	kill(p)
	path := filepath.Join(c.data, stable.Name("n1.1"))
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, reply := c.again("n1", 2)
	if reply.str("type") != "init_ok" {
		t.Fatalf("init is answered with %v", reply)
	}
	p.must(body{"type": "multicast", "msg": "two"})
	kill(p)
	if err := os.WriteFile(path, old, 0o644); err != nil { // set back
		t.Fatal(err)
	}
	_, reply = c.again("n1", 3)
	if reply["code"] != float64(node.CodePrecondition) || !strings.Contains(reply.str("text"), "cannot be trusted") {
		t.Errorf("a store that was set back: %v", reply)
	}
	if left, err := os.ReadFile(path); err != nil || len(left) == 0 {
		t.Errorf("the damaged store is gone: %v", err)
	}
	next := c.Start("n1", 2)
	next.must(body{"type": "join", "contacts": []string{}})
	next.awaitView("n1.2")
}

// TestDurableModeSaysWhatItNeeds: a protocol that keeps nothing, a recording, and no
// place to keep anything in are refused at init.
func TestDurableModeSaysWhatItNeeds(t *testing.T) {
	for want, config := range map[string]body{
		"gms4 keeps nothing": {"protocol": "gms4", "durable": true},
		"config.record":      {"protocol": "gms5", "durable": true, "record": true},
		"no data_dir":        {"protocol": "gms5", "durable": true},
	} {
		c := newCluster(t, 1, config)
		if _, reply := c.again("n1", 1); !strings.Contains(reply.str("text"), want) {
			t.Errorf("%v: %v", config, reply)
		}
	}
}
