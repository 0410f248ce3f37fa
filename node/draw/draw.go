package draw

import "math"

// Key is a seed together with the names that lead to one choice. The zero value
// is a key like any other; keys are values, so With never changes its receiver.
type Key uint64

// New starts from a seed, which may be any text.
func New(seed string) Key { return Key(0xcbf29ce484222325).With(seed) }

// With narrows the key by a name: Key.With("link").With("n1").With("n2").
func (k Key) With(name string) Key {
	h := uint64(k)
	for i := 0; i < len(name); i++ {
		h = (h ^ uint64(name[i])) * 0x100000001b3 // FNV-1a
	}
	return Key(mix(h ^ uint64(len(name))<<56))
}

// At narrows the key by a number: the n-th message of a link.
func (k Key) At(n uint64) Key { return Key(mix(uint64(k) ^ mix(n+0x9e3779b97f4a7c15))) }

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 is the choice as 64 uniform bits.
func (k Key) Uint64() uint64 { return mix(uint64(k) + 0x9e3779b97f4a7c15) }

// Float is uniform in [0, 1).
func (k Key) Float() float64 { return float64(k.Uint64()>>11) / (1 << 53) }

// Intn is uniform in [0, n). It panics if n < 1.
func (k Key) Intn(n int) int {
	if n < 1 {
		panic("draw: Intn of less than one choice")
	}
	return int(k.Float() * float64(n))
}

// Chance is true with probability p.
func (k Key) Chance(p float64) bool { return k.Float() < p }

// Between is uniform in [low, high).
func (k Key) Between(low, high float64) float64 { return low + k.Float()*(high-low) }

// LogBetween is log-uniform in [low, high): each order of magnitude is equally
// likely. Both bounds must be positive.
func (k Key) LogBetween(low, high float64) float64 {
	return low * math.Exp(k.Float()*math.Log(high/low))
}

// Shuffled is a copy of names in random order; the place of each depends on the
// key and on the names that are there.
func Shuffled(k Key, names []string) []string {
	out := append([]string(nil), names...)
	for i := len(out) - 1; i > 0; i-- {
		j := k.At(uint64(i)).Intn(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}
