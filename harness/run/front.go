package run

import (
	"io"

	"groupy/harness/internal/loop"
	"groupy/harness/internal/world"
)

// What a run's caller gives and sees, under the run's own name.
type (
	Program = world.Program // what runs as a node, as the warden, or as a machine's init
	Network = world.Network // how the messages of real processes travel
	Outcome = loop.Outcome  // what the history does not hold
	Status  = loop.Status   // a moment of a run, for people to watch
)

// Networks is the visible list of networks, the default first.
var Networks = world.Networks

// FindNetwork gives the network of that name; "" is the default. The error lists
// the names there are.
func FindNetwork(name string) (Network, error) { return world.FindNetwork(name) }

// Warden is the main function of the process that outlives a harness that is killed,
// and ends what it had started; it returns when its input ends.
func Warden(r io.Reader) { world.Warden(r) }
