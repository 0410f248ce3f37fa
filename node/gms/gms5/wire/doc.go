// Package wire is what the members of gms5 say to one another, and how it is
// written. Decode gives back what AppendJSON or encoding/json wrote, and refuses a
// message that lacks what its kind needs, so that the core never meets a nil.
//
// The messages that a busy group sends are few kinds with many entries, and
// encoding/json spends more time on them than the protocol does. AppendJSON
// writes the same bytes, but for one thing: an entry that is its origin's next after
// the one before it may lack origin and number. The parser reads what that wrote;
// anything else is left to encoding/json. So there is one encoding, which people and
// triggers can read.
//
// It knows nothing of views or logs beyond what a message carries.
package wire
