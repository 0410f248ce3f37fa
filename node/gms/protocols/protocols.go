package protocols

import (
	"fmt"
	"slices"
	"strings"

	"groupy/node/gms"
	"groupy/node/gms/gms5"
	"groupy/node/gms/gms5/wire"
	"groupy/node/gms/ladder"
)

// All is the visible list: adding a protocol is one file and one line.
var All = []gms.Protocol{
	{
		Name:     "gms1",
		Sentence: "a leader orders multicasts and tells of joins by views; breaks under any crash of the leader",
		New:      ladder.NewGMS1,
		Decode:   ladder.Decode,
	},
	{
		Name:     "gms2",
		Sentence: "adds failure detection and election of the first slave; breaks under a leader that dies in the middle of a multicast",
		New:      ladder.NewGMS2,
		Decode:   ladder.Decode,
	},
	{
		Name:     "gms3",
		Sentence: "adds sequence numbers and resend of the last message; breaks under lost messages, wrong suspicion and split brain",
		New:      ladder.NewGMS3,
		Decode:   ladder.Decode,
	},
	{
		Name:     "gms4",
		Sentence: "adds gap detection, NACK and a bounded history; breaks under wrong suspicion, split brain and outages longer than the history",
		New:      ladder.NewGMS4,
		Decode:   ladder.Decode,
	},
	{
		Name:     "gms5",
		Sentence: "a primary component by majority of the previous view, one decision per view's successor, delivery once a quorum holds a message; blocks without a majority, and says so",
		New:      gms5.New,
		Decode:   wire.Decode,
	},
}

// Find gives the protocol of that name. The error lists the names there are.
func Find(name string) (gms.Protocol, error) {
	var names []string
	for _, p := range All {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return gms.Protocol{}, fmt.Errorf("no protocol %q; there are %s", name, strings.Join(names, ", "))
}

// Mutants is the visible list of all protocols' mutants.
var Mutants = slices.Concat(ladder.Mutants, gms5.Mutants)

// FindMutant gives a protocol's mutant of that name. The error lists those that
// the protocol has.
func FindMutant(protocol, name string) (gms.Mutant, error) {
	names := []string{}
	for _, m := range Mutants {
		if m.Protocol != protocol {
			continue
		}
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return gms.Mutant{}, fmt.Errorf("%s has no mutant %q; there are %s", protocol, name, strings.Join(names, ", "))
}
