package main

import (
	"io"
	"time"

	"github.com/hashicorp/raft"
)

// hashicorp is hashicorp/raft with its stores in memory, its batching on and its
// own TCP transport. It leaves it to its users to reach the leader, so own
// messages go there in batches by our mesh.
type hashicorp struct {
	member
	net  *mesh
	raft *raft.Raft
	own  *queue[[]byte]
}

func startHashicorp(m member) func() {
	h := &hashicorp{member: m, own: newQueue[[]byte]()}
	cfg := raft.DefaultConfig()
	cfg.LocalID = raft.ServerID(m.spare[m.self])
	cfg.LogLevel = "OFF"
	cfg.BatchApplyCh = true
	cfg.MaxAppendEntries = 1024 // the most that it allows
	cfg.SnapshotInterval = time.Hour
	trans, err := raft.NewTCPTransport(m.spare[m.self], nil, 3, 10*time.Second, io.Discard)
	must(err)
	store, snaps := raft.NewInmemStore(), raft.NewInmemSnapshotStore()
	var boot raft.Configuration
	for _, addr := range m.spare {
		boot.Servers = append(boot.Servers, raft.Server{ID: raft.ServerID(addr), Address: raft.ServerAddress(addr)})
	}
	must(raft.BootstrapCluster(cfg, store, store, snaps, trans, boot))
	h.net = newMesh(m.self, m.addrs, func(_ int, frame []byte) {
		for ; len(frame) > 0; frame = frame[payloadSize:] {
			h.raft.Apply(frame[:payloadSize], 0)
		}
	})
	h.raft, err = raft.NewRaft(cfg, h, store, store, snaps, trans)
	must(err)
	go func() {
		for addr, _ := h.raft.LeaderWithID(); addr == ""; addr, _ = h.raft.LeaderWithID() {
			time.Sleep(5 * time.Millisecond)
		}
		h.ready()
		h.submit()
	}()
	return func() { h.own.put(h.load.begin()...) }
}

// submit brings own messages to the leader.
func (h *hashicorp) submit() {
	for {
		batch := h.own.take()
		leader, _ := h.raft.LeaderWithID()
		if leader == raft.ServerAddress(h.spare[h.self]) {
			for _, p := range batch {
				h.raft.Apply(p, 0)
			}
			continue
		}
		frame := make([]byte, 0, len(batch)*payloadSize)
		for _, p := range batch {
			frame = append(frame, p...)
		}
		for i, addr := range h.spare {
			if raft.ServerAddress(addr) == leader {
				h.net.send(i, frame)
			}
		}
	}
}

// ApplyBatch is a delivery of many.
func (h *hashicorp) ApplyBatch(logs []*raft.Log) []any {
	for _, l := range logs {
		h.Apply(l)
	}
	return make([]any, len(logs))
}

// Apply is a delivery.
func (h *hashicorp) Apply(l *raft.Log) any {
	if l.Type == raft.LogCommand && h.load.delivered(l.Data) {
		h.own.put(h.load.message())
	}
	return nil
}

// Snapshot and Restore are never asked for: no snapshot is taken.
func (h *hashicorp) Snapshot() (raft.FSMSnapshot, error) { return nil, raft.ErrNothingNewToSnapshot }

// Restore see Snapshot.
func (h *hashicorp) Restore(io.ReadCloser) error { return raft.ErrUnsupportedProtocol }
