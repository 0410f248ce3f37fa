package ladder

import (
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

// signTables are the tables of PROTOCOL.md for the classes as they are written here.
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
var signTables = map[string]string{
	"gms1": `
                       F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
view-agreement          +  +  +  +  +  +  +  +  +  +  +   ?   ?
view-monotonicity       +  +  +  +  +  +  +  +  +  +  +   ?   ?
primary-chain           +  +  +  +  +  ?  +  +  +  +  ?   ?   ?
no-duplication          +  +  +  +  +  +  +  +  +  +  +   -   +
fifo-order              +  +  +  +  +  +  +  +  -  -  -   ?   -
gap-freedom             +  +  +  +  +  +  +  +  -  -  -   +   -
total-order             +  +  +  +  +  +  +  +  +  +  +   ?   -
same-view-delivery      +  +  +  +  +  +  +  +  ?  ?  ?   +   ?
virtual-synchrony       +  +  +  +  +  +  +  +  +  +  ?   +   ?
agreement               +  +  -  -  -  -  +  +  -  -  -   +   ?
uniform-agreement       +  +  -  -  -  -  +  +  -  -  -   +   ?
no-loss                 +  +  ?  ?  ?  ?  +  +  ?  ?  ?   +   ?
membership-precision    +  -  -  -  -  -  +  +  ?  ?  ?   +   +
probe-delivery          +  +  -  -  -  -  +  +  +  +  ?   +   +
self-delivery           +  +  -  -  -  -  +  +  ?  ?  -   +   +
join                    +  +  +  +  +  ?  +  +  +  +  ?   ?   ?`,
	"gms2": `
                       F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
view-agreement          +  +  +  ?  ?  ?  ?  ?  ?  ?  ?   ?   ?
view-monotonicity       +  +  +  ?  ?  ?  ?  ?  ?  ?  ?   ?   ?
primary-chain           +  +  +  ?  ?  ?  ?  ?  ?  ?  ?   ?   ?
no-duplication          +  +  +  +  +  +  +  +  +  +  +   -   +
fifo-order              +  +  -  -  -  -  -  ?  -  -  -   ?   -
gap-freedom             +  +  -  -  -  -  -  ?  -  -  -   +   -
total-order             +  +  +  +  +  +  -  ?  -  -  +   ?   -
same-view-delivery      +  +  +  ?  ?  ?  -  ?  -  -  ?   +   ?
virtual-synchrony       +  +  -  -  ?  ?  ?  ?  ?  ?  ?   +   ?
agreement               +  +  -  -  -  -  -  ?  -  -  -   +   ?
uniform-agreement       +  +  -  -  -  -  -  ?  -  -  -   +   ?
no-loss                 +  +  ?  ?  ?  ?  ?  ?  ?  ?  ?   +   ?
membership-precision    +  -  +  +  ?  ?  -  ?  -  -  ?   +   +
probe-delivery          +  +  +  +  +  ?  -  ?  -  -  ?   +   +
self-delivery           +  +  -  -  -  -  -  ?  -  -  -   +   +
join                    +  +  +  +  +  ?  +  +  +  +  ?   ?   ?`,
	"gms3": `
                       F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
view-agreement          +  +  +  ?  ?  ?  ?  ?  ?  ?  +   +   +
primary-chain           +  +  +  ?  ?  ?  ?  ?  ?  ?  +   +   +
no-duplication          +  +  +  +  +  +  +  +  +  +  +   -   +
fifo-order              +  +  +  -  +  +  -  ?  ?  ?  +   ?   -
gap-freedom             +  +  +  -  ?  +  -  ?  -  -  +   +   +
total-order             +  +  +  +  +  +  +  +  +  +  +   ?   +
same-view-delivery      +  +  +  -  ?  +  -  ?  -  -  +   +   +
virtual-synchrony       +  +  +  ?  +  +  ?  ?  ?  ?  +   +   +
agreement               +  +  +  -  ?  +  -  ?  -  -  -   +   +
uniform-agreement       +  +  +  -  ?  +  -  ?  -  -  -   +   +
no-loss                 +  +  +  ?  ?  +  ?  ?  ?  ?  ?   +   +
membership-precision    +  -  +  -  +  ?  -  ?  -  -  ?   +   +
probe-delivery          +  +  +  ?  +  ?  -  ?  -  -  -   +   +
self-delivery           +  +  -  -  -  -  -  ?  -  -  -   +   +
join                    +  +  +  +  +  ?  +  +  +  +  ?   ?   ?`,
	"gms4": `
                       F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
view-agreement          +  +  +  ?  ?  ?  ?  ?  ?  ?  +   +   +
primary-chain           +  +  +  ?  ?  ?  ?  ?  ?  ?  +   +   +
no-duplication          +  +  +  +  +  +  +  +  +  +  +   -   +
fifo-order              +  +  +  -  +  +  -  ?  ?  ?  +   ?   -
gap-freedom             +  +  +  -  ?  +  -  ?  -  -  +   +   +
total-order             +  +  +  +  +  +  +  +  +  +  +   ?   +
same-view-delivery      +  +  +  -  ?  +  -  ?  -  -  +   +   +
virtual-synchrony       +  +  +  ?  +  +  ?  ?  ?  ?  +   +   +
agreement               +  +  +  -  ?  +  -  ?  -  -  ?   +   +
uniform-agreement       +  +  +  -  ?  +  -  ?  -  -  ?   +   +
no-loss                 +  +  +  ?  ?  +  ?  ?  ?  ?  ?   +   +
membership-precision    +  -  +  -  +  ?  -  ?  -  -  ?   +   +
probe-delivery          +  +  +  ?  +  ?  -  ?  -  -  ?   +   +
self-delivery           +  +  -  -  -  -  -  ?  -  -  -   +   +
join                    +  +  +  +  +  ?  +  +  +  +  ?   ?   ?`,
	"gms5": "F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12", // all hold
}

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

// readSigns takes the tables apart, by level, class and property. A table that
// does not fit is a mistake in this file.
func readSigns(tables map[string]string) map[[3]string]Sign {
	all := map[[3]string]Sign{}
	for level, table := range tables {
		lines := strings.Split(strings.TrimSpace(table), "\n")
		classes := strings.Fields(lines[0])
		for _, line := range lines[1:] {
			cells := strings.Fields(line)
			if len(cells) != len(classes)+1 {
				panic(fmt.Sprintf("harness: %s: %d signs for %d classes: %s", level, len(cells)-1, len(classes), line))
			}
			for i, class := range classes {
				all[[3]string{level, class, cells[0]}] = Sign(cells[i+1][0])
			}
		}
	}
	return all
}
