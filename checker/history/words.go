package history

import (
	"encoding/binary"
	"math/bits"
)

// The scanner takes eight bytes at a time, as one number, first byte lowest: after
// Lamport, "Multiple byte processing with full-word instructions", 1975. A mark is a
// byte's highest bit; the lowest one set is exact, those above it may be wrong.
const (
	eachByte = 0x0101010101010101
	highest  = 0x80 * eachByte
)

// pad is how many bytes must follow a line that is scanned.
const pad = 8

func word(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// quotes marks the bytes of w that are a quote.
func quotes(w uint64) uint64 {
	w ^= '"' * eachByte
	return (w - eachByte) &^ w & highest
}

// specials marks what a plain string does not hold: a quote, a backslash, control
// characters and all that is not ASCII.
func specials(w uint64) uint64 {
	slash := w ^ '\\'*eachByte
	return quotes(w) | ((slash-eachByte)&^slash|(w-' '*eachByte)&^w|w)&highest
}

// upTo is the number of bytes before the first mark, 8 without one.
func upTo(marks uint64) int { return bits.TrailingZeros64(marks) >> 3 }

// first keeps the n first bytes of w.
func first(w uint64, n int) uint64 { return w & (1<<(8*n) - 1) }

// digits gives how many of w's first bytes are digits, and their number.
func digits(w uint64) (n int, value uint64) {
	w ^= '0' * eachByte // digits become 0 … 9
	n = upTo((w + (0x7f-9)*eachByte | w) & highest)
	if n == 0 {
		return 0, 0
	}
	w <<= 64 - 8*n                               // as if zeros stood before them
	w = w*10 + w>>8                              // pairs, in every other byte
	w = (w & 0x00ff00ff00ff00ff) * (1 + 100<<16) // fours, in the upper half of every other two
	w = (w >> 16 & 0x0000ffff0000ffff) * (1 + 10000<<32)
	return n, w >> 32
}
