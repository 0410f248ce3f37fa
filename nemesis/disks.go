package nemesis

import (
	"errors"

	"groupy/nemesis/disk"
)

// Disks are what nodes keep their data on, as faults see them. What is drawn by
// chance is keyed by the step's id and the node.
type Disks interface {
	// SetDisk puts a rule on a node's disk, until ClearDisks takes back all of a
	// step's. It takes effect with the next call.
	SetDisk(id, node string, r disk.Rule) error
	ClearDisks(id string)
	DiskCounters(node string) disk.Counters
	// AwaitCall has the world tell, as it does of a gate, when a node's disk is asked for
	// the n-th call from now on that changes it. That one waits for LetCall, which also
	// takes an AwaitCall back.
	AwaitCall(id, node string, n int) error
	LetCall(id string)
	// PowerOff ends a node's processes as Kill does, and takes back what they have
	// written and not synced. Taken says what, once the processes are gone and the disk
	// is as they would find it.
	PowerOff(id, node, way string) error
	Taken(node string) *disk.Taken
	// Corrupt changes bits of what a node that is down has synced. It gives how many
	// bytes, by file; none if there is nothing.
	Corrupt(id, node string) (map[string]int, error)
}

var errPlain = errors.New("the nodes' disks are plain; --disk faulty gives them others")

// PlainDisks are disks to which nothing can be done.
type PlainDisks struct{}

var _ Disks = PlainDisks{}

func (PlainDisks) SetDisk(string, string, disk.Rule) error        { return errPlain }
func (PlainDisks) ClearDisks(string)                              {}
func (PlainDisks) DiskCounters(string) disk.Counters              { return disk.Counters{} }
func (PlainDisks) AwaitCall(string, string, int) error            { return errPlain }
func (PlainDisks) LetCall(string)                                 {}
func (PlainDisks) PowerOff(string, string, string) error          { return errPlain }
func (PlainDisks) Taken(string) *disk.Taken                       { return nil }
func (PlainDisks) Corrupt(string, string) (map[string]int, error) { return nil, errPlain }
