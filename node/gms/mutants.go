package gms

import (
	"fmt"
	"strings"
)

// Mutant is a named one-line removal in a protocol's core, put in by
// Config.Mutant. It is there to show that the harness finds what it breaks, is
// never on by default, and costs nothing when off. A core with a mutant logs a
// broken invariant instead of stopping at it.
type Mutant struct {
	Protocol, Name string
	Sentence       string // what is different with it
	Falls          string // the property that falls first, by its name in PROPERTIES.md
}

// Mutants is the visible list. Those of gms1 to gms4 are mistakes that
// implementations of these levels were seen to make; the first six of gms5 are
// PROTOCOL.md's, the others are rarer kin of theirs.
var Mutants = []Mutant{
	{"gms1", ownAtOnce, "a slave delivers its own message when it is sent, and again when it comes back", "no-duplication"},
	{"gms2", deadHead, "the dead head is kept in the group at election", "probe-delivery"},
	{"gms2", askAgain, "a slave asks a new leader again for what the old one may have sent", "fifo-order"},
	{"gms2", swallowEarly, "a catch-all swallows messages that come before they match", "same-view-delivery"},
	{"gms3", lastToSelf, "the last message is delivered again to the new leader's own application", "no-duplication"},
	{"gms3", noAdvance, "a new leader does not advance its number after its view", "gap-freedom"},
	{"gms3", joinerAtN, "a joiner starts at the number of its view instead of the next", "probe-delivery"},
	{"gms3", noResend, "a new leader does not resend the last message", "agreement"},
	{"gms3", resendToOne, "a new leader resends the last message to the next in line only", "agreement"},
	{"gms3", forgetView, "a new leader resends the last message, but no view", "agreement"},
	{"gms3", freshResend, "a new leader resends the last message with a new number", "no-duplication"},
	{"gms4", deliverTwice, "a message is delivered on receipt, and once more when the buffer drains", "no-duplication"},
	{"gms4", skipHoles, "any number at or above the expected one is taken", "gap-freedom"},
	{"gms4", nackOnce, "a negative acknowledgement is never repeated", "agreement"},
	{"gms4", shortHistory, "the history holds one message, less than any outage", "agreement"},
	{"gms4", forgetHistory, "a new leader begins with an empty history", "agreement"},
	{"gms4", obeyDeposed, "a deposed leader's view is still obeyed", "view-monotonicity"},
	{"gms5", gms5NoFence, "who promised goes on with normal operation", "gap-freedom"},
	{"gms5", gms5NoAdopt, "a coordinator ignores values that were accepted before", "view-agreement"},
	{"gms5", gms5OwnLog, "a coordinator proposes its own log instead of the longest", "virtual-synchrony"},
	{"gms5", gms5NoQuorum, "one member is a quorum", "view-agreement"},
	{"gms5", gms5NoDedupe, "the leader takes a message whatever its origin's number", "no-duplication"},
	{"gms5", gms5EarlyDelivery, "messages are delivered on receipt", "gap-freedom"},
	{"gms5", gms5AdoptOldest, "a coordinator adopts the value of the lowest ballot instead of the highest", "view-agreement"},
	{"gms5", gms5AnyBallot, "a member promises and accepts below the ballot that it promised", "view-agreement"},
	{"gms5", gms5HalfQuorum, "any half of a view is a quorum, with its first member or without", "view-agreement"},
	{"gms5", gms5NoFsync, "in durable mode nothing is fsynced before it is acted on", "uniform-agreement"},
	{"gms5", gms5ForgetPromise, "in durable mode a promise is not written down", "virtual-synchrony"},
	{"gms5", gms5FewAcks, "a leader commits with one acknowledgement less than a quorum", "uniform-agreement"},
}

// The names in Mutants, as Config.Mutant and the cores have them.
const (
	ownAtOnce     = "own-at-once"
	askAgain      = "ask-again"
	deadHead      = "dead-head"
	swallowEarly  = "swallow-early"
	lastToSelf    = "last-to-self"
	noAdvance     = "no-advance"
	joinerAtN     = "joiner-at-n"
	noResend      = "no-resend"
	resendToOne   = "resend-to-one"
	forgetView    = "forget-view"
	freshResend   = "fresh-resend"
	deliverTwice  = "deliver-twice"
	skipHoles     = "skip-holes"
	nackOnce      = "nack-once"
	shortHistory  = "short-history"
	forgetHistory = "forget-history"
	obeyDeposed   = "obey-deposed"

	gms5NoFence       = "no-fence"
	gms5NoAdopt       = "no-adopt"
	gms5OwnLog        = "own-log"
	gms5NoQuorum      = "no-quorum"
	gms5NoDedupe      = "no-dedupe"
	gms5EarlyDelivery = "early-delivery"
	gms5AdoptOldest   = "adopt-oldest"
	gms5AnyBallot     = "any-ballot"
	gms5HalfQuorum    = "half-quorum"
	gms5FewAcks       = "few-acks"
	gms5NoFsync       = "no-fsync"
	gms5ForgetPromise = "forget-promise"
)

// Durable reports whether the mutant changes durable mode alone.
func (m Mutant) Durable() bool { return m.Name == gms5NoFsync || m.Name == gms5ForgetPromise }

// FindMutant gives a protocol's mutant of that name. The error lists those that
// the protocol has.
func FindMutant(protocol, name string) (Mutant, error) {
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
	return Mutant{}, fmt.Errorf("%s has no mutant %q; there are %s", protocol, name, strings.Join(names, ", "))
}

func (p *primary) mutant(name string) bool { return p.cfg.Mutant == name }

func (g *group) mutant(name string) bool { return g.cfg.Mutant == name }
