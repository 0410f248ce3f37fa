package contract

import (
	"fmt"

	"groupy/node"
)

// Service reports whether an address is one whose lines the harness reads: itself, a
// client, or the clock and disk of virtual time.
func Service(dest string) bool {
	return dest == node.Harness || IsClient(dest) || dest == node.Clock || dest == node.Disk
}

// IsClient reports whether an address is a client's: c and a number.
func IsClient(address string) bool {
	if len(address) < 2 || address[0] != 'c' {
		return false
	}
	for _, c := range address[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// RealDest wants of a line of a node in real time that somebody reads it.
func RealDest(dest string) error {
	switch {
	case dest == node.Harness || IsClient(dest):
		return nil
	case dest == node.Clock || dest == node.Disk:
		return &Breach{
			Kind: WrongDest, What: fmt.Sprintf("a line to %s, which real time does not have", dest),
			Expected: "with clock real, timers and files of the node's own; the clock and the disk are there with clock virtual (--world lockstep)",
		}
	case dest == "":
		return noDest
	case Nearest(dest, []string{node.Harness}) != "":
		return &Breach{Kind: WrongDest, What: fmt.Sprintf("a line to %q, who does not exist", dest), Expected: destExpected, Nearest: node.Harness}
	}
	return &Breach{
		Kind: WrongDest, What: fmt.Sprintf("a line to %q on stdout, which nobody carries", dest),
		Expected: destExpected + ". With transport tcp a node dials the addresses in peers; lines to other nodes are carried with transport stdio alone (--world lockstep)",
	}
}

// StdioDest says what is wrong with a dest that is nobody's where lines are carried.
func StdioDest(dest string, nodes []string) error {
	if dest == "" {
		return noDest
	}
	return &Breach{
		Kind: WrongDest, What: fmt.Sprintf("a line to %q, who does not exist", dest),
		Expected: destExpected + ", the clock, the disk, or a node that init named in node_ids",
		Nearest:  Nearest(dest, append([]string{node.Harness, node.Clock, node.Disk}, nodes...)),
	}
}

const destExpected = "dest harness for observations and for replies to it, and for replies to others the src of the request"

var noDest = &Breach{Kind: WrongDest, What: "a line without dest", Expected: destExpected}
