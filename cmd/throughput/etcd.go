package main

import (
	"io"
	"log"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// etcd is etcd-io/raft with its entries in memory. One loop takes all that has
// arrived before it asks for what is ready, and own messages go as one proposal of
// many entries, which the library forwards to the leader itself.
type etcd struct {
	member
	net    *mesh
	in     *queue[etcdInput]
	node   *raft.RawNode
	store  *raft.MemoryStorage
	own    [][]byte
	isUp   bool
	behind uint64 // entries applied and not yet compacted away
}

// etcdInput is a frame, a tick, or the word to begin.
type etcdInput struct {
	frame []byte
	begin bool
}

func startEtcd(m member) func() {
	e := &etcd{member: m, in: newQueue[etcdInput](), store: raft.NewMemoryStorage()}
	boot := pb.Snapshot{Metadata: pb.SnapshotMetadata{Index: 1, Term: 1}}
	for i := range m.addrs {
		boot.Metadata.ConfState.Voters = append(boot.Metadata.ConfState.Voters, uint64(i+1))
	}
	must(e.store.ApplySnapshot(boot))
	node, err := raft.NewRawNode(&raft.Config{
		ID: uint64(m.self + 1), ElectionTick: 10, HeartbeatTick: 1, Storage: e.store, Applied: 1,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256,
		Logger: &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	})
	must(err)
	e.node = node
	e.net = newMesh(m.self, m.addrs, func(_ int, frame []byte) { e.in.put(etcdInput{frame: frame}) })
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			e.in.put(etcdInput{})
		}
	}()
	go e.run()
	return func() { e.in.put(etcdInput{begin: true}) }
}

func (e *etcd) run() {
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

func (e *etcd) propose() {
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

func (e *etcd) work(rd raft.Ready) {
	must(e.store.Append(rd.Entries))
	if !raft.IsEmptyHardState(rd.HardState) {
		must(e.store.SetHardState(rd.HardState))
	}
	for i := range rd.Messages {
		frame, err := rd.Messages[i].Marshal()
		must(err)
		e.net.send(int(rd.Messages[i].To-1), frame)
	}
	for _, entry := range rd.CommittedEntries {
		if e.load.delivered(entry.Data) {
			e.own = append(e.own, e.load.message())
		}
		e.compact(entry.Index)
	}
	e.node.Advance(rd)
}

// compact keeps the last ten to twenty thousand entries, for followers that lag.
func (e *etcd) compact(applied uint64) {
	const kept = 10_000
	if e.behind++; e.behind >= 2*kept {
		must(e.store.Compact(applied - kept))
		e.behind = kept
	}
}
