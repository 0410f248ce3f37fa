package world

import "groupy/node/draw"

// seedOf is the seed of one start of a node; exact in a JSON number.
func seedOf(seed, name string, incarnation int) uint64 {
	return draw.New(seed).With(name).At(uint64(incarnation)).Uint64() >> 12
}
