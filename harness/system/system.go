package system

// Level is what the harness knows of a protocol of the built-in node: what it
// promises, and the faults of a run that asks for none in particular. The
// promises are those of docs/protocol.md's tables, in the fault model that the level
// is meant for.
type Level struct {
	Name     string
	Promises []string // property names; nil: the checker's default set
	Nemesis  []string
	// TrustsDetector is set where the promises presume that nobody is suspected who
	// lives.
	TrustsDetector bool
	Durable        bool // it can keep its state on disk (Options.Durable)
	Quorum         bool // a view without a majority of the one before blocks
}

// DefaultProtocol is the level that `groupy run` uses when none is named.
const DefaultProtocol = "gms5"

// OwnProgram is the protocol of a plan for a program that names none.
const OwnProgram = "own"

// Without these, since the original has it so: dead slaves never leave a view
// (reason f), and a request that is lost with its leader is never sent again (p).
var (
	notLadder = []string{"membership-precision"}
	notResent = []string{"membership-precision", "self-delivery"}
)

// Levels is the visible list.
var Levels = []Level{
	{Name: "gms1", Promises: allBut(notLadder), Nemesis: []string{"pause"}},
	{Name: "gms2", Promises: allBut(notLadder), Nemesis: []string{"kill"}, TrustsDetector: true},
	{Name: "gms3", Promises: allBut(notResent), Nemesis: []string{"kill"}, TrustsDetector: true},
	{Name: "gms4", Promises: allBut(notResent), Nemesis: []string{"kill", "drop"}, TrustsDetector: true},
	// The zoo's winner for gms5 is --explore with all of them; the default stays a
	// run that a newcomer can read.
	{Name: "gms5", Durable: true, Quorum: true, Nemesis: []string{"kill", "pause", "isolate-leader", "partition-random-halves", "drop", "delay"}},
}

// LevelNames are the names of Levels.
func LevelNames() []string {
	var names []string
	for _, l := range Levels {
		names = append(names, l.Name)
	}
	return names
}
