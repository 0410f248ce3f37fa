package ground

import (
	"errors"
	"fmt"
)

// Need is something of the machine that the harness runs on, which not every one
// has.
type Need struct {
	Name     string
	Sentence string       // what it is good for
	Check    func() error // what is wrong with it, and how to allow it; nil: nothing
}

// Needs is the visible list, for `groupy doctor`.
var Needs = []Need{userNamespaces, tunDevice, fuseDevice, timeNamespaces, fakeTime}

// Wire is what a machine with a cable needs; Disk what one needs on which FUSE is
// mounted.
var (
	Wire = []Need{userNamespaces, tunDevice}
	Disk = []Need{userNamespaces, tunDevice, fuseDevice}
)

var (
	userNamespaces = Need{"user namespaces", "a network and processes of its own for each node, without root", checkNamespaces}
	tunDevice      = Need{"/dev/net/tun", "the cable of each node", checkTUN}
	fuseDevice     = Need{"/dev/fuse", "a disk that loses what was not synced", checkFUSE}
	timeNamespaces = Need{"time namespaces", "other clocks for a program from its start on", checkTime}
	fakeTime       = Need{"libfaketime", "another wall clock for programs that are linked dynamically", checkFakeTime}
)

// Missing is one line for all of the needs that this machine does not meet, nil if
// it meets them.
func Missing(needs ...Need) error {
	var all []error
	for _, n := range needs {
		if err := n.Check(); err != nil {
			all = append(all, fmt.Errorf("%s: %w", n.Name, err))
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}
