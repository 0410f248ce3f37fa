package world

import (
	"fmt"
	"os"
	"time"
)

// markName is the variable that every process of a world has in its environment.
const markName = "GROUPY_WORLD"

// Mark is that variable's value. Children inherit it, so that what a node's
// wrapper started is found also after it has moved to a process group or session
// of its own, where no signal to the node's group reaches it. A world's mark is
// the beginning of those of its members; each ends in a slash.
type Mark string

// newMark is a mark that no other world on this machine has.
func newMark(now time.Time) Mark {
	return Mark(fmt.Sprintf("%d-%d/", os.Getpid(), now.UnixNano()))
}

func (m Mark) Of(member string) Mark { return m + Mark(member) + "/" }

// environment is what a process with this mark gets.
func (m Mark) environment() []string { return append(os.Environ(), m.variable()) }

func (m Mark) variable() string { return markName + "=" + string(m) }
