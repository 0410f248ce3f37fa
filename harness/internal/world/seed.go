package world

import "groupy/node/draw"

// SeedOf is the seed of one start of a node; exact in a JSON number.
func SeedOf(seed, name string, incarnation int) uint64 {
	return draw.New(seed).With(name).At(uint64(incarnation)).Uint64() >> 12
}
