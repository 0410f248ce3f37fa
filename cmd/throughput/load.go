package main

import (
	"fmt"
	"sync/atomic"
)

// payloadSize is what a message carries. It is a JSON string, since that is what
// gms5's contract carries; the others do not mind.
const payloadSize = 64

// load is the client beside one member: a closed loop of share messages under way.
// It is the same for all systems, and used by one goroutine.
type load struct {
	self  byte // '1' …
	share int
	next  uint64 // number of the next message
	due   uint64 // number of the next own delivery
	acked atomic.Int64
}

// begin is the first messages.
func (l *load) begin() [][]byte {
	first := make([][]byte, 0, l.share)
	for range l.share {
		first = append(first, l.message())
	}
	return first
}

func (l *load) message() []byte {
	b := make([]byte, payloadSize)
	for i := range b {
		b[i] = '.'
	}
	b[0], b[1], b[payloadSize-1] = '"', l.self, '"'
	for i, n := 18, l.next; i > 1; i, n = i-1, n/10 {
		b[i] = '0' + byte(n%10)
	}
	l.next++
	return b
}

// delivered takes one delivery and says whether another message is due. It fails
// on an own message that is lost, doubled or out of order: who does that is not
// worth measuring.
func (l *load) delivered(payload []byte) (again bool) {
	if len(payload) != payloadSize || payload[1] != l.self {
		return false
	}
	n := uint64(0)
	for _, c := range payload[2:19] {
		n = 10*n + uint64(c-'0')
	}
	if n != l.due {
		fail(fmt.Errorf("own message %d is delivered, %d was due", n, l.due))
	}
	l.due++
	l.acked.Add(1)
	return true
}

// deliveredAll is delivered for a batch; it gives the messages that are due.
func (l *load) deliveredAll(payloads [][]byte) (next [][]byte) {
	for _, p := range payloads {
		if l.delivered(p) {
			next = append(next, l.message())
		}
	}
	return next
}
