package gms

import (
	"fmt"
	"strconv"
	"strings"
)

// Protocol is one level of the ladder.
type Protocol struct {
	Name     string
	Sentence string // what it adds, and under what it breaks
	New      func(Config) Core
	Decode   func([]byte) (Message, error) // the inverse of json.Marshal on its messages
}

// Protocols is the visible list: adding a protocol is one file and one line.
var Protocols = []Protocol{
	{"gms1", "a leader orders multicasts and tells of joins by views; breaks under any crash of the leader", newGMS1, decodeLadder},
	{"gms2", "adds failure detection and election of the first slave; breaks under a leader that dies in the middle of a multicast", newGMS2, decodeLadder},
	{"gms3", "adds sequence numbers and resend of the last message; breaks under lost messages, wrong suspicion and split brain", newGMS3, decodeLadder},
	{"gms4", "adds gap detection, NACK and a bounded history; breaks under wrong suspicion, split brain and outages longer than the history", newGMS4, decodeLadder},
	{"gms5", "a primary component by majority of the previous view, one decision per view's successor, delivery once a quorum holds a message; blocks without a majority, and says so", newGMS5, decodeGMS5},
}

// Find gives the protocol of that name. The error lists the names there are.
func Find(name string) (Protocol, error) {
	var names []string
	for _, p := range Protocols {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Protocol{}, fmt.Errorf("no protocol %q; there are %s", name, strings.Join(names, ", "))
}

func member(node string, incarnation int) string {
	return node + "." + strconv.Itoa(incarnation)
}
