package disk

import "groupy/node/draw"

// Model is what a disk promises of names that were not synced by their folder.
type Model string

const (
	Ext4  Model = "ext4"  // any fsync makes all names before it durable, in their order
	POSIX Model = "posix" // only fsync of the folder does
)

// Sector is what a disk writes as a whole or not at all, in bytes.
const Sector = 512

// Choice says what of the unsynced survives a power loss. Changes are asked for by
// their number among all changes of the disk's life, which is a key that stays the
// same whatever else is lost.
type Choice interface {
	// Stays reports whether a change has reached the disk.
	Stays(change uint64) bool
	// Sector reports whether the i-th sector of a write that stays is there.
	Sector(change uint64, i int) bool
}

// How much a power loss takes.
const (
	Whole = "whole" // all that is not synced is gone
	Part  = "part"  // of what is not synced, some is gone
	Torn  = "torn"  // as part, and writes are torn between sectors
	Kept  = "kept"  // nothing is gone: what a kill alone would do, as a control
)

// Ways are the ways in which power takes something.
var Ways = []string{Whole, Part, Torn}

// Draw gives the choice that a key makes. How much of the unsynced stays is drawn
// first: nearly nothing, about a half, or nearly all, so that a lost first change
// and a lost last one are both common. An unknown way is Whole.
func Draw(k draw.Key, way string) Choice {
	c := drawn{key: k, torn: way == Torn}
	switch way {
	case Part, Torn:
		c.rate = []float64{0.1, 0.5, 0.9}[k.With("rate").Intn(3)]
	case Kept:
		c.rate = 1
	}
	return c
}

type drawn struct {
	key  draw.Key
	rate float64
	torn bool
}

func (d drawn) Stays(change uint64) bool { return d.key.With("stays").At(change).Chance(d.rate) }

func (d drawn) Sector(change uint64, i int) bool {
	k := d.key.With("sectors").At(change)
	return !d.torn || k.With("whole").Chance(0.5) || k.At(uint64(i)).Chance(0.5)
}
