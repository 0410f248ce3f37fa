package virtual

import (
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/machine"
)

// actor is one start of a node in a virtual world: a real process that is
// driven line by line (lockstep), or the built-in node called in process (sim).
type actor interface {
	// step gives the node one input and returns what it put out, in order. The
	// slice is valid until the next step. An error is the harness's own failure
	// or a node that broke the rules of virtual time.
	step(now time.Duration, in input) ([]output, error)
	kill() error
	pause() error
	resume() error
}

// input is a line for a node: a request, a peer's message, a timer, or the end of
// a connection.
type input struct {
	src    string
	body   any   // a request of the contract
	peer   *mail // a peer's message
	timer  string
	set    uint64 // the number of the timer's setting
	closed string // the node whose connection has ended; only where an observed run is followed
}

// output is a line of a node, or its end.
type output struct {
	dest  string
	body  any    // a reply or an observation
	mail  *mail  // a message to the node dest
	timer string // a timer: set after, or cancelled if after < 0
	after time.Duration
	keep  *node.Persist // a record for the disk
	exit  *world.Exited
	bad   *world.Garbled
}

// mail is a message between nodes on the simulated network.
type mail struct {
	to   *virtualNode // the process that ran when it was sent
	size int
	// fate stands for a message of an observed run in the simulated network, where
	// it is counted and goes no further; nil: an ordinary message.
	fate *timing.Mark
	body []byte        // lockstep: the part of line that the receiver gets
	line []byte        // as it was written; in sim only when somebody looks at it
	peer machine.Peer  // sim: the machine's own value
	wire *machine.Wire // sim: how that is written
}

func (m *mail) Bytes() []byte {
	if m.line == nil {
		line, err := m.wire.Append(nil, machine.Send{To: m.peer.To, Message: m.peer.Message})
		if err != nil {
			panic("world: a core's message cannot be encoded: " + err.Error())
		}
		m.line = line
	}
	return m.line
}

// Fate is how many copies of a message arrived in an observed run.
func (m *mail) Fate() (copies int, known bool) {
	if m.fate == nil {
		return 0, false
	}
	return len(m.fate.Arrivals()), true
}

func (m *mail) Size() int { return m.size }

// isClock reports whether a line is for the timer service.
func isClock(dest string) bool { return dest == node.Clock }
