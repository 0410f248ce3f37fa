package main

import (
	"encoding/binary"
	"slices"
)

// bare is the least that an ordered multicast with a majority's acknowledgement
// can be, and so about what the machine allows: the first process numbers what the
// others submit, all acknowledge, and what a majority holds is delivered. It
// tolerates no fault whatever. Everything that has arrived is handled before
// anything leaves.
type bare struct {
	member
	net    *mesh
	in     *queue[bareInput]
	base   int // place of log[0], from 0
	log    [][]byte
	sent   int   // places sent to all; the first process's
	acked  []int // length of each process's log; the first process's
	commit int
	told   int // the commit last broadcast
	own    [][]byte
}

// bareInput is a frame, or with from -1 the word to begin.
type bareInput struct {
	from  int
	frame []byte
}

// The kinds of frames.
const (
	bareSubmit = iota // payloads
	bareOrder         // commit, payloads that follow
	bareAck           // length of the log
)

func startBare(m member) func() {
	b := &bare{member: m, in: newQueue[bareInput](), acked: make([]int, len(m.addrs))}
	b.net = newMesh(m.self, m.addrs, func(from int, frame []byte) { b.in.put(bareInput{from, frame}) })
	go b.run()
	m.ready()
	return func() { b.in.put(bareInput{from: -1}) }
}

func (b *bare) run() {
	for {
		before := b.base + len(b.log)
		for _, in := range b.in.take() {
			if in.from < 0 {
				b.own = append(b.own, b.load.begin()...)
				continue
			}
			b.handle(in)
		}
		b.deliver()
		if b.self == 0 {
			b.lead()
			continue
		}
		if end := b.base + len(b.log); end > before {
			b.net.send(0, binary.BigEndian.AppendUint64([]byte{bareAck}, uint64(end)))
		}
		if len(b.own) > 0 {
			b.net.send(0, slices.Concat(append([][]byte{{bareSubmit}}, b.own...)...))
			b.own = b.own[:0]
		}
	}
}

func (b *bare) handle(in bareInput) {
	rest := in.frame[1:]
	switch in.frame[0] {
	case bareAck:
		b.acked[in.from] = int(binary.BigEndian.Uint64(rest))
		return
	case bareOrder:
		b.commit = int(binary.BigEndian.Uint64(rest))
		rest = rest[8:]
	}
	for ; len(rest) > 0; rest = rest[payloadSize:] {
		b.log = append(b.log, rest[:payloadSize])
	}
}

// lead orders the own messages, counts the acknowledgements and tells all.
func (b *bare) lead() {
	for again := true; again; {
		b.log = append(b.log, b.own...)
		b.own = b.own[:0]
		b.acked[0] = b.base + len(b.log)
		ends := slices.Sorted(slices.Values(b.acked))
		again = ends[len(ends)/2] > b.commit
		b.commit = ends[len(ends)/2]
		fresh := slices.Concat(b.log[max(b.sent-b.base, 0):]...)
		b.sent = b.acked[0]
		if len(fresh) > 0 || b.commit > b.told {
			b.told = b.commit
			head := binary.BigEndian.AppendUint64([]byte{bareOrder}, uint64(b.commit))
			b.net.broadcast(append(head, fresh...))
		}
		b.deliver()
	}
}

func (b *bare) deliver() {
	n := min(b.commit-b.base, len(b.log))
	b.own = append(b.own, b.load.deliveredAll(b.log[:n])...)
	b.log, b.base = b.log[n:], b.base+n
}
