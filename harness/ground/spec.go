package ground

import (
	"net/netip"
	"syscall"
)

// Spec is what a machine is made of.
type Spec struct {
	Name  string   // its host name
	Init  []string // the command that calls Init: path and arguments
	Env   []string // what its processes have in their environment
	Hosts string   // its /etc/hosts; "": that of the harness

	Address netip.Prefix // its one address beside loopback, with the network that it shares
	MTU     int          // bytes in a packet at most

	// Keep are the files and folders of the harness that its processes must find
	// although /tmp, /run and /dev/shm are their own.
	Keep []string
}

// Program is what a machine starts.
type Program struct {
	Path   string
	Args   []string
	Env    []string   // beside that of the machine
	Clocks ClockShift // of this start alone
}

// Ended is how a program ended.
type Ended struct {
	Status syscall.WaitStatus
	// Lost is set where the machine went before the program's end was told.
	Lost bool
}

// Process is a program that a machine runs.
type Process struct {
	PID   int // as the harness sees it
	ended chan Ended
}

// Wait gives how the program ended. All that it had started is gone by then. It
// answers once.
func (p *Process) Wait() Ended { return <-p.ended }
