package main

import (
	"context"
	"io"
	"log"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// etcd is etcd-io/raft with its entries in memory, used as its documentation and its
// example program use it: a Node with its own goroutine, a proposal for each message,
// which the library forwards to the leader itself, and a loop over what is ready.
type etcd struct {
	member
	net    *mesh
	node   raft.Node
	store  *raft.MemoryStorage
	own    *queue[[]byte]
	behind uint64 // entries applied and not yet compacted away
}

func startEtcd(m member) func() {
	e := &etcd{member: m, store: raft.NewMemoryStorage(), own: newQueue[[]byte]()}
	e.node = raft.RestartNode(etcdConfig(m, e.store))
	ctx := context.Background()
	e.net = newMesh(m.self, m.addrs, func(_ int, frame []byte) {
		var m pb.Message
		must(m.Unmarshal(frame))
		_ = e.node.Step(ctx, m) // what is out of date it refuses
	})
	go e.run()
	go func() {
		for e.node.Status().Lead == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		m.ready()
		for {
			for _, p := range e.own.take() {
				must(e.node.Propose(ctx, p))
			}
		}
	}()
	return func() { e.own.put(e.load.begin()...) }
}

// etcdConfig starts all members of a group with the same configuration.
func etcdConfig(m member, store *raft.MemoryStorage) *raft.Config {
	boot := pb.Snapshot{Metadata: pb.SnapshotMetadata{Index: 1, Term: 1}}
	for i := range m.addrs {
		boot.Metadata.ConfState.Voters = append(boot.Metadata.ConfState.Voters, uint64(i+1))
	}
	must(store.ApplySnapshot(boot))
	return &raft.Config{
		ID: uint64(m.self + 1), ElectionTick: 10, HeartbeatTick: 1, Storage: store, Applied: 1,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256,
		Logger: &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	}
}

func (e *etcd) run() {
	tick := time.Tick(100 * time.Millisecond)
	for {
		select {
		case <-tick:
			e.node.Tick()
		case rd := <-e.node.Ready():
			e.work(rd)
		}
	}
}

func (e *etcd) work(rd raft.Ready) {
	etcdKeep(e.store, rd)
	etcdSend(e.net, rd)
	for _, entry := range rd.CommittedEntries {
		if e.load.delivered(entry.Data) {
			e.own.put(e.load.message())
		}
	}
	e.behind = etcdCompact(e.store, rd, e.behind)
	e.node.Advance()
}

func etcdKeep(store *raft.MemoryStorage, rd raft.Ready) {
	must(store.Append(rd.Entries))
	if !raft.IsEmptyHardState(rd.HardState) {
		must(store.SetHardState(rd.HardState))
	}
}

func etcdSend(net *mesh, rd raft.Ready) {
	for i := range rd.Messages {
		frame, err := rd.Messages[i].Marshal()
		must(err)
		net.send(int(rd.Messages[i].To-1), frame)
	}
}

// etcdCompact keeps the last ten to twenty thousand entries, for followers that lag.
// It gives how many are behind what is applied and not yet compacted away.
func etcdCompact(store *raft.MemoryStorage, rd raft.Ready, behind uint64) uint64 {
	const kept = 10_000
	n := len(rd.CommittedEntries)
	if behind += uint64(n); behind < 2*kept {
		return behind
	}
	must(store.Compact(rd.CommittedEntries[n-1].Index - kept))
	return kept
}
