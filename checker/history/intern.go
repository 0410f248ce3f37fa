package history

import "hash/maphash"

// Names come again and again, message ids and states a few times within a short
// while. A small table that forgets holds one copy of each for as long as it is
// in use, so that reading allocates about once a message, not once an event, in
// memory that does not grow.
type interner struct {
	seed  maphash.Seed
	known []string // by hash; a newcomer takes the place
	chunk []byte   // of which keep cuts copies
}

const (
	internSlots = 1 << 13
	keepChunk   = 1 << 12
)

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), known: make([]string, internSlots)}
}

// intern gives b as a string.
func (n *interner) intern(b []byte) string {
	slot := &n.known[maphash.Bytes(n.seed, b)%internSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// keep gives a copy of b which is the caller's.
func (n *interner) keep(b []byte) []byte {
	if len(b) > keepChunk/8 {
		return append([]byte(nil), b...)
	}
	if len(n.chunk)+len(b) > cap(n.chunk) {
		n.chunk = make([]byte, 0, keepChunk)
	}
	from := len(n.chunk)
	n.chunk = append(n.chunk, b...)
	return n.chunk[from:len(n.chunk):len(n.chunk)]
}
