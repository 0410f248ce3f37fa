package main

import (
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// etcdTuned is etcd-io/raft by its lower interface, driven so that it does as little
// as it can for a message: one loop takes all that has arrived before it asks for what
// is ready, and own messages go as one proposal of many entries.
type etcdTuned struct {
	member
	net    *mesh
	in     *queue[tunedInput]
	node   *raft.RawNode
	store  *raft.MemoryStorage
	own    [][]byte
	isUp   bool
	behind uint64
}

// tunedInput is a frame, a tick, or the word to begin.
type tunedInput struct {
	frame []byte
	begin bool
}

func startEtcdTuned(m member) func() {
	e := &etcdTuned{member: m, in: newQueue[tunedInput](), store: raft.NewMemoryStorage()}
	node, err := raft.NewRawNode(etcdConfig(m, e.store))
	must(err)
	e.node = node
	e.net = newMesh(m.self, m.addrs, func(_ int, frame []byte) { e.in.put(tunedInput{frame: frame}) })
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			e.in.put(tunedInput{})
		}
	}()
	go e.run()
	return func() { e.in.put(tunedInput{begin: true}) }
}

func (e *etcdTuned) run() {
	for {
		for _, in := range e.in.take() {
			switch {
			case in.begin:
				e.own = append(e.own, e.load.begin()...)
			case in.frame == nil:
				e.node.Tick()
			default:
				var m pb.Message
				must(m.Unmarshal(in.frame))
				_ = e.node.Step(m) // what is out of date it refuses
			}
		}
		e.propose()
		for e.node.HasReady() {
			e.work(e.node.Ready())
			e.propose()
		}
		if !e.isUp && e.node.BasicStatus().Lead != 0 {
			e.isUp = true
			e.ready()
		}
	}
}

func (e *etcdTuned) propose() {
	if len(e.own) == 0 {
		return
	}
	m := pb.Message{Type: pb.MsgProp, From: uint64(e.self + 1)}
	for _, p := range e.own {
		m.Entries = append(m.Entries, pb.Entry{Data: p})
	}
	e.own = nil
	must(e.node.Step(m))
}

func (e *etcdTuned) work(rd raft.Ready) {
	etcdKeep(e.store, rd)
	etcdSend(e.net, rd)
	for _, entry := range rd.CommittedEntries {
		if e.load.delivered(entry.Data) {
			e.own = append(e.own, e.load.message())
		}
	}
	e.behind = etcdCompact(e.store, rd, e.behind)
	e.node.Advance(rd)
}
