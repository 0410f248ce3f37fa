package disk

import (
	"fmt"
	"strings"
)

// Kind is what the nodes' data folders lie on.
type Kind struct {
	Name     string
	Sentence string
	// Faulty is set where faults can be done to the disk.
	Faulty bool
	Model  Model
	// Keeps is set where a power loss takes nothing back.
	Keeps bool
}

// Kinds is the visible list, the default first.
var Kinds = []Kind{
	{Name: "plain", Sentence: "a folder as it is: what a node wrote is there, whatever happens to its process"},
	{Name: "faulty", Sentence: "a disk that knows what was synced, and can lose the rest, fill up, fail, be slow and rot; any fsync makes all names before it durable, as ext4 has it", Faulty: true, Model: Ext4},
	{Name: "faulty-posix", Sentence: "as faulty, but a name is durable only after fsync of its folder, which is all that POSIX promises", Faulty: true, Model: POSIX},
	{Name: "faulty-kept", Sentence: "as faulty, but a power loss takes nothing back: the control, which tells what a disk did from what the deaths did", Faulty: true, Model: Ext4, Keeps: true},
}

// FindKind gives the kind of that name, the first for "". The error lists the names
// there are.
func FindKind(name string) (Kind, error) {
	var names []string
	for _, k := range Kinds {
		if k.Name == name || name == "" {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, fmt.Errorf("no disk %q; there are %s", name, strings.Join(names, ", "))
}

// Way is how a power loss that is to be of some way goes on this kind.
func (k Kind) Way(way string) string {
	if k.Keeps {
		return Kept
	}
	return way
}
