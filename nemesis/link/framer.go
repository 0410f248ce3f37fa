package link

import (
	"encoding/binary"

	"groupy/node"
)

// framer finds the frames in one direction of a connection.
type framer struct {
	mode mode
	head [4]byte
	have int    // bytes of head that were seen of the frame at hand
	rest int    // bytes still missing of its payload, once have is 4
	open bool   // some of the frame at hand has gone on already
	kept []byte // what has come of the frame at hand, when it waits for its end
}

type mode uint8

const (
	unsure   mode = iota // all lengths so far are plausible
	framed               // and a read ended exactly between two frames
	unframed             // one was not
)

// boundary reports that no frame is at hand.
func (f *framer) boundary() bool { return f.have == 0 }

// step consumes the bytes of b that belong to the frame at hand: n of them; done
// if they end it. A length that cannot be one makes the traffic unframed.
func (f *framer) step(b []byte) (n int, done bool) {
	for f.have < len(f.head) && n < len(b) {
		f.head[f.have] = b[n]
		f.have++
		n++
		if f.have < len(f.head) {
			continue
		}
		size := binary.BigEndian.Uint32(f.head[:])
		if size > node.MaxFrame || size == 0 && f.mode == unsure {
			f.mode = unframed
			return len(b), false
		}
		f.rest = int(size)
	}
	if f.have < len(f.head) {
		return n, false
	}
	k := min(f.rest, len(b)-n)
	f.rest -= k
	n += k
	if f.rest > 0 {
		return n, false
	}
	f.have = 0
	return n, true
}

// pass follows one read's bytes that go on as they are, and counts the messages
// that end in them. Nothing may be kept.
func (f *framer) pass(b []byte) (messages int) {
	if f.mode == unframed {
		return 1
	}
	for len(b) > 0 {
		n, done := f.step(b)
		if f.mode == unframed {
			return messages + 1
		}
		if done {
			messages++
		}
		b = b[n:]
	}
	f.open = !f.boundary()
	if f.boundary() {
		f.mode = framed
	}
	return messages
}

// split takes one read's bytes apart. emit gets each message that is whole,
// with its length; else the rest of a message that has partly gone on; else the
// bytes as they came. What it gets is its own.
func (f *framer) split(b []byte, emit func([]byte, Kind)) {
	if f.mode == unsure {
		try := *f
		if try.pass(b); try.mode != framed {
			*f = try
			emit(clone(b), Raw)
			return
		}
		f.mode = framed
	}
	for len(b) > 0 && f.mode == framed {
		n, done := f.step(b)
		if f.mode == unframed {
			break
		}
		f.cut(b[:n], done, emit)
		b = b[n:]
	}
	if f.mode == unframed && len(f.kept)+len(b) > 0 {
		emit(append(f.flush(), b...), Raw)
	}
}

// cut handles the next bytes of the frame at hand.
func (f *framer) cut(b []byte, done bool, emit func([]byte, Kind)) {
	switch {
	case f.open:
		emit(clone(b), Tail)
		f.open = !done
	case done && len(f.kept) == 0:
		emit(clone(b), Whole)
	case done:
		whole := append(f.kept, b...)
		f.kept = nil
		emit(whole, Whole)
	default:
		f.kept = append(f.kept, b...)
	}
}

// flush gives up what is kept, to go on as it is.
func (f *framer) flush() []byte {
	b := f.kept
	f.kept = nil
	f.open = f.open || len(b) > 0
	return b
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
