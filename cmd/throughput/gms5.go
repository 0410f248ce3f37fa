package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/runtime"
)

// startGMS5 is the built-in node as `groupy node` runs it, over tcp and the real
// clock, with the load as its application; it is told what to do in lines of the
// contract.
func startGMS5(m member) func() { return startNode(m, false) }

// startRecorded is the same, and every step is recorded before its effects leave.
func startRecorded(m member) func() { return startNode(m, true) }

func startNode(m member, record bool) func() {
	app.Apps = append(app.Apps, app.Kind{
		Name: "load", Sentence: "multicasts itself, as fast as the group delivers",
		New: func(app.Setup) app.App { return &loadApp{member: m, first: firstOf(m)} },
	})
	in, lines := io.Pipe()
	go func() {
		os.Exit(runtime.Run(runtime.Process{
			Stdin: in, Stdout: io.Discard, Now: time.Now,
			Log: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr}),
		}))
	}()
	ids, peers := []string{}, map[string]string{}
	for i, addr := range m.addrs {
		ids = append(ids, name(i))
		if i != m.self {
			peers[name(i)] = addr
		}
	}
	dir := ""
	if record {
		dir = m.dir
	}
	tell := func(body any) {
		line, err := node.Line(node.Harness, name(m.self), nil, body)
		must(err)
		_, err = lines.Write(line)
		must(err)
	}
	config := fmt.Sprintf(`{"protocol":"gms5","app":"load","record":%v,"join_timeout_ms":%d}`, record, startTimeout.Milliseconds())
	join := node.Join{Head: node.Head{Type: node.TypeJoin, MsgID: 2}}
	if m.self > 0 {
		join.Contacts = ids[:1]
	}
	go func() {
		tell(node.Init{
			Head: node.Head{Type: node.TypeInit, MsgID: 1}, NodeID: name(m.self), NodeIDs: ids, Incarnation: 1,
			Transport: node.TransportTCP, Clock: node.ClockReal, Listen: m.addrs[m.self], Peers: peers,
			DataDir: dir, Config: []byte(config),
		})
		tell(join)
	}()
	return func() {
		tell(node.Multicast{Head: node.Head{Type: node.TypeMulticast, MsgID: 3}, Msg: firstOf(m)})
	}
}

func firstOf(m member) string { return "begin " + name(m.self) }

func name(i int) string { return fmt.Sprintf("n%d", i+1) }

// loadApp is the load as an application. Its messages bear the application's
// prefix, so that a node tells nobody of each.
type loadApp struct {
	member
	first string // the message that begins it
	isUp  bool
}

func (a *loadApp) View(members []string) (none app.Output) {
	if len(members) == len(a.addrs) && !a.isUp {
		a.isUp = true
		a.ready()
	}
	return none
}

func (a *loadApp) Deliver(d app.Delivery) (out app.Output) {
	switch {
	case d.Msg == a.first:
		for _, p := range a.load.begin() {
			out.Casts = append(out.Casts, cast(p))
		}
	case a.load.delivered(d.Payload):
		out.Casts = []app.Cast{cast(a.load.message())}
	}
	return out
}

// Snapshot and Restore implement app.App. The load keeps nothing that would outlive
// it.
func (a *loadApp) Snapshot() json.RawMessage { return nil }

// Restore is never called: nodes under load are not durable.
func (a *loadApp) Restore(json.RawMessage) error {
	return errors.New("the load has no state to restore")
}

// cast is a message whose id is the number in its payload, short as clients' ids are.
func cast(payload []byte) app.Cast {
	number := bytes.TrimLeft(payload[2:19], "0")
	id := append([]byte(app.InternalPrefix), payload[1], '.')
	return app.Cast{Msg: string(append(id, number...)), Payload: payload}
}
