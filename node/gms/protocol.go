package gms

// Protocol is one level of the ladder.
type Protocol struct {
	Name     string
	Sentence string // what it adds, and under what it breaks
	New      func(Config) Core
	Decode   func([]byte) (Message, error) // the inverse of json.Marshal on its messages
}

// Mutant is a named one-line removal in a protocol's core, put in by
// Config.Mutant. It is there to show that the harness finds what it breaks, is
// never on by default, and costs nothing when off. A core with a mutant logs a
// broken invariant instead of stopping at it.
type Mutant struct {
	Protocol, Name string
	Sentence       string // what is different with it
	Falls          string // the property that falls first, by its name in docs/properties.md
	Durable        bool   // it changes durable mode alone
	Disk           bool   // only a disk that loses what was not synced shows it
}
