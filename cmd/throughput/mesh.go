package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"
)

// mesh is sockets between the processes for the systems that bring none: frames
// of a 4-byte length, one connection each way, one write for all that waits.
type mesh struct {
	out []*queue[[]byte]
}

// newMesh listens at its own address and dials the others until they listen.
// receive is called on one goroutine per sender, and owns the frame.
func newMesh(self int, addrs []string, receive func(from int, frame []byte)) *mesh {
	m := &mesh{out: make([]*queue[[]byte], len(addrs))}
	l, err := net.Listen("tcp", addrs[self])
	if err != nil {
		fail(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				fail(err)
			}
			go read(conn, receive)
		}
	}()
	for to, addr := range addrs {
		if to != self {
			m.out[to] = newQueue[[]byte]()
			m.out[to].put([]byte{byte(self)})
			go write(addr, m.out[to])
		}
	}
	return m
}

func (m *mesh) send(to int, frame []byte) { m.out[to].put(frame) }

func (m *mesh) broadcast(frame []byte) {
	for _, q := range m.out {
		if q != nil {
			q.put(frame)
		}
	}
}

// read takes the sender's number and then its frames, until it ends: then the
// measurement is over.
func read(conn net.Conn, receive func(int, []byte)) {
	r := bufio.NewReaderSize(conn, 256<<10)
	from := -1
	var head [4]byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(r, frame); err != nil {
			return
		}
		if from < 0 {
			from = int(frame[0])
			continue
		}
		receive(from, frame)
	}
}

func write(addr string, frames *queue[[]byte]) {
	var conn net.Conn
	for began := time.Now(); ; {
		var err error
		if conn, err = net.Dial("tcp", addr); err == nil {
			break
		}
		if time.Since(began) > startTimeout {
			fail(fmt.Errorf("reach a peer: %w", err))
		}
		time.Sleep(5 * time.Millisecond)
	}
	var buf []byte
	for {
		buf = buf[:0]
		for _, f := range frames.take() {
			buf = binary.BigEndian.AppendUint32(buf, uint32(len(f)))
			buf = append(buf, f...)
		}
		if _, err := conn.Write(buf); err != nil {
			return
		}
	}
}
