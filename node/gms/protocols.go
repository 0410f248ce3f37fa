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
var Protocols = []Protocol{}

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
