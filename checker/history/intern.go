package history

// Names come again and again, message ids and states a few times within a short
// while. A small table that forgets holds one copy of each for as long as it is
// in use, so that reading allocates about once a message, not once an event, in
// memory that does not grow.
type interner struct {
	known []nameSlot // by hash; a newcomer takes the place
	chunk []byte     // of which keep cuts copies
}

// nameSlot is a name, and a word that tells a name of less than eight bytes, none of
// them 0, from every other: its bytes.
type nameSlot struct {
	word uint64
	name string
}

const (
	otherName  = ^uint64(0) // the word of any other name
	internBits = 12
	keepChunk  = 1 << 12
)

func newInterner() interner {
	return interner{known: make([]nameSlot, 1<<internBits)}
}

// mix takes eight more bytes of a name into its hash. A name that is taken for
// another's costs a copy, no more, so that this may be as simple as it is.
func mix(hash, w uint64) uint64 { return (hash>>29 ^ hash ^ w) * 0x9e3779b97f4a7c15 }

// short gives b, less than eight bytes and none of them 0, as a string; w is b as a
// word.
func (n *interner) short(w uint64, b []byte) string {
	slot := &n.known[mix(0, w)>>(64-internBits)]
	if slot.word != w {
		slot.word, slot.name = w, string(b)
	}
	return slot.name
}

// intern gives b as a string.
func (n *interner) intern(b []byte) string {
	var hash uint64
	for from := 0; from < len(b); from += 8 {
		var w [8]byte
		copy(w[:], b[from:])
		hash = mix(hash, word(w[:], 0))
	}
	slot := &n.known[hash>>(64-internBits)]
	if slot.name != string(b) {
		slot.word, slot.name = otherName, string(b)
	}
	return slot.name
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
