package world

import (
	"fmt"
	"strings"

	"groupy/nemesis"
	"groupy/node"
)

// Network is how the messages of real processes travel. The plan, the faults and
// their evidence are the same on each.
type Network struct {
	Name     string
	Sentence string
	open     func(w *Real) (carrier, error)
}

// carrier is a network at work between the processes of a world. As Links it is
// the run loop's alone.
type carrier interface {
	nemesis.Links
	// meet says in a node's init how it reaches the others.
	meet(name string, init *node.Init)
	// starter gives what starts a node's program where it is to run.
	starter(name string) starter
	// Close ends all there is of it, when no program runs any more.
	Close() error
}

// Networks is the visible list.
var Networks = []Network{sockets, cable}

// FindNetwork gives the network of that name, the first for "". The error lists
// the names there are.
func FindNetwork(name string) (Network, error) {
	var names []string
	for _, n := range Networks {
		if n.Name == name || name == "" {
			return n, nil
		}
		names = append(names, n.Name)
	}
	return Network{}, fmt.Errorf("no network %q; there are %s", name, strings.Join(names, ", "))
}
