package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/machine"
	"groupy/node/runtime"
)

// startGMS5 is the built-in node as `groupy node` runs it, over tcp and the real
// clock, with the load as its application; it is told what to do in lines of the
// contract.
func startGMS5(m member) func() { return startNode(m, "{}", app.InternalPrefix) }

// startObserved is the same, and every delivery and sending is observed: the node
// writes a line for each to its stdout, here a file.
func startObserved(m member) func() { return startNode(m, "{}", "") }

// startRecorded is the node with every step recorded before its effects leave.
func startRecorded(m member) func() { return startNode(m, `{"record":true}`, app.InternalPrefix) }

// startDurable is the node with all that it promises and takes on disk first.
func startDurable(m member) func() { return startNode(m, `{"durable":true}`, app.InternalPrefix) }

func startNode(m member, options, prefix string) func() {
	app.Apps = append(app.Apps, app.Kind{
		Name: "load", Sentence: "multicasts itself, as fast as the group delivers",
		New: func(app.Setup) app.App { return &loadApp{member: m, prefix: prefix, first: firstOf(m)} },
	})
	in, lines := io.Pipe()
	stdout, err := os.Create(filepath.Join(m.dir, name(m.self)+".jsonl"))
	must(err)
	go func() {
		os.Exit(runtime.Run(runtime.Process{
			Stdin: in, Stdout: stdout, Now: time.Now,
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
	dir := filepath.Join(m.dir, name(m.self))
	must(os.MkdirAll(dir, 0o755))
	tell := func(body any) {
		line, err := node.Line(node.Harness, name(m.self), nil, body)
		must(err)
		_, err = lines.Write(line)
		must(err)
	}
	config := machine.Config{Protocol: "gms5", App: "load", JoinTimeoutMS: startTimeout.Milliseconds()}
	must(json.Unmarshal([]byte(options), &config))
	raw, err := json.Marshal(config)
	must(err)
	join := node.Join{Head: node.Head{Type: node.TypeJoin, MsgID: 2}}
	if m.self > 0 {
		join.Contacts = ids[:1]
	}
	go func() {
		tell(node.Init{
			Head: node.Head{Type: node.TypeInit, MsgID: 1}, NodeID: name(m.self), NodeIDs: ids, Incarnation: 1,
			Transport: node.TransportTCP, Clock: node.ClockReal, Listen: m.addrs[m.self], Peers: peers,
			DataDir: dir, Config: raw,
		})
		tell(join)
	}()
	return func() {
		tell(node.Multicast{Head: node.Head{Type: node.TypeMulticast, MsgID: 3}, Msg: firstOf(m)})
	}
}

func firstOf(m member) string { return "begin " + name(m.self) }

func name(i int) string { return fmt.Sprintf("n%d", i+1) }

// loadApp is the load as an application. If its messages bear the application's
// prefix, a node tells nobody of each.
type loadApp struct {
	member
	prefix string
	first  string // the message that begins it
	isUp   bool
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
			out.Casts = append(out.Casts, a.cast(p))
		}
	case a.load.delivered(d.Payload):
		out.Casts = []app.Cast{a.cast(a.load.message())}
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
func (a *loadApp) cast(payload []byte) app.Cast {
	number := bytes.TrimLeft(payload[2:19], "0")
	id := append([]byte(a.prefix), payload[1], '.')
	return app.Cast{Msg: string(append(id, number...)), Payload: payload}
}
