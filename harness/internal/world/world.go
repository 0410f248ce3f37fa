package world

import (
	"context"
	"time"

	"groupy/nemesis"
	"groupy/node"
)

// World is where a run takes place. All its methods are for the run loop's
// goroutine; none but Next and Close waits.
type World interface {
	// Kind is what a history's header says: "real" or "virtual".
	Kind() string
	// Now is the time since the world began.
	Now() time.Duration
	// Next gives the next event, or nil when the deadline comes first. It returns
	// ctx's error when that is done.
	Next(ctx context.Context, deadline time.Duration) (Event, error)
	// Ready reports whether Next has an event without waiting.
	Ready() bool

	// Init is the init request for a node's next start, with what depends on the
	// world filled in: transport, clock, addresses.
	Init(node string, incarnation int) node.Init
	// Start starts a node's process. PID is 0 where there is no process.
	Start(node string, incarnation int) (pid int, err error)
	// Send gives a request to a running node.
	Send(node, src string, body any) error
	Kill(node string) error   // SIGKILL, in effect
	Pause(node string) error  // SIGSTOP, in effect
	Resume(node string) error // SIGCONT, in effect
	// Paused reports whether the process is really frozen (state T).
	Paused(node string) bool

	// Links is what lies between the nodes.
	Links() nemesis.Links
	// Disks are what the nodes keep their data on.
	Disks() nemesis.Disks

	// Close ends everything that is left, and waits for it.
	Close() error
}

// Event is one of Said, Garbled, Exited and Sprung.
type Event interface{ event() }

type (
	// Said is a line that a node wrote: a reply or an observation. Body is a
	// value of the contract's type.
	Said struct {
		Node        string
		Incarnation int
		Dest        string
		Body        any
	}
	// Garbled is a line that is none of the contract's.
	Garbled struct {
		Node        string
		Incarnation int
		Line        string // shortened
		Err         error
		Lost        bool // nobody knows what it would have said
	}
	// Exited is the end of a process. Signal is empty if it exited by itself.
	Exited struct {
		Node        string
		Incarnation int
		Code        int
		Signal      string
		Words       Words // of one that ended by itself, as far as the world has them
	}
	// Sprung says that a gate of the links has let its last frame pass.
	Sprung struct{ ID string }
)

func (Said) event()    {}
func (Garbled) event() {}
func (Exited) event()  {}
func (Sprung) event()  {}
