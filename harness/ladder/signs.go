package ladder

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// Sign is what a property comes to in a cell of the ladder's tables.
type Sign byte

// The signs. May is what a table has for rare cases and percentages that no
// trigger makes certain; as a found sign it means that the run could not tell.
const (
	Holds  Sign = '+'
	Breaks Sign = '-'
	May    Sign = '?'
)

// signTables are the tables of docs/protocol.md for the classes as they are written in
// classes.go; gms5 has none, since all hold.
// A property without a row holds everywhere. Where the text says that a sign is
// rare, or gives a percentage, and the class does not arrange for it, there is a
// question mark; so there is for
//
//   - F5's reason i: the harness has a restarted first node join;
//   - what only a view change under bad links shows: no member comes or goes then;
//   - probe-delivery under F10 at gms1 and gms2: the probes come after the heal.
//
// fifo-order joins D3 with the part of D4 that is about acknowledged messages; a
// request that was lost without an answer (reason p) is self-delivery's. no-loss
// is in no table of theirs: it can break only where uniform agreement does.
//
//go:embed signs.txt
var signTables string

// signs are the tables taken apart, once they are asked: every process of a run is
// this program, and begins with its variables.
var signs = sync.OnceValue(func() map[[3]string]Sign { return readSigns(signTables) })

// Expected is the sign that a property must have at a level under a class. Only
// properties of the usual set are expected to hold at all.
func Expected(level, class, property string) Sign {
	if s, ok := signs()[[3]string{level, class, property}]; ok {
		return s
	}
	return Holds
}

// readSigns takes the tables apart, by level, class and property: each begins with its
// level and classes, and ends with an empty line. A table that does not fit is a mistake
// in signs.txt.
func readSigns(tables string) map[[3]string]Sign {
	all := map[[3]string]Sign{}
	for table := range strings.SplitSeq(tables, "\n\n") {
		lines := strings.Split(strings.TrimSpace(table), "\n")
		head := strings.Fields(lines[0])
		for _, line := range lines[1:] {
			cells := strings.Fields(line)
			if len(cells) != len(head) {
				panic(fmt.Sprintf("harness: signs.txt: %s: %d signs for %d classes: %s", head[0], len(cells)-1, len(head)-1, line))
			}
			for i, class := range head[1:] {
				all[[3]string{head[0], class, cells[0]}] = Sign(cells[i+1][0])
			}
		}
	}
	return all
}
