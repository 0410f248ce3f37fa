package gms

// Mutant is a named one-line removal in a protocol's core, put in by
// Config.Mutant. It is there to show that the harness finds what it breaks, is
// never on by default, and costs nothing when off. A core with a mutant logs a
// broken invariant instead of stopping at it.
type Mutant struct {
	Protocol, Name string
	Sentence       string // what is different with it
}

// Mutants is the visible list (PROTOCOL.md, "Mutants").
var Mutants = []Mutant{
	{"gms5", gms5NoFence, "who promised goes on with normal operation"},
	{"gms5", gms5NoAdopt, "a coordinator ignores values that were accepted before"},
	{"gms5", gms5OwnLog, "a coordinator proposes its own log instead of the longest"},
	{"gms5", gms5NoQuorum, "one member is a quorum"},
	{"gms5", gms5NoDedupe, "the leader takes a message whatever its origin's number"},
	{"gms5", gms5EarlyDelivery, "messages are delivered on receipt"},
}

const (
	gms5NoFence       = "no-fence"
	gms5NoAdopt       = "no-adopt"
	gms5OwnLog        = "own-log"
	gms5NoQuorum      = "no-quorum"
	gms5NoDedupe      = "no-dedupe"
	gms5EarlyDelivery = "early-delivery"
)

func (p *primary) mutant(name string) bool { return p.cfg.Mutant == name }
