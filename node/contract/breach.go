package contract

import "fmt"

// Kind names a way to break the contract.
type Kind string

// The kinds of breaches.
const (
	NotJSON        Kind = "not-json"         // a line that begins like an object and is none
	NoBody         Kind = "no-body"          // an envelope without a body, or a body that is no object
	NoType         Kind = "no-type"          // a body without a type
	UnknownType    Kind = "unknown-type"     // a type that nobody reads
	MissingField   Kind = "missing-field"    // a field that must be there is not, or is empty
	WrongField     Kind = "wrong-field"      // a field holds another kind of value than it must
	WrongDest      Kind = "wrong-dest"       // a line for nobody
	NoInReplyTo    Kind = "no-in-reply-to"   // a reply that does not say to which request
	UnaskedReply   Kind = "unasked-reply"    // a reply to a request that was never asked of the node
	WrongReply     Kind = "wrong-reply"      // a reply of another type than the request's
	UnknownMember  Kind = "unknown-member"   // a member of no node of the run
	JoinBeforeView Kind = "join-before-view" // join_ok before a view that holds the node
	NoView         Kind = "no-view"          // a group that formed, and nobody said a view
	AckedUnseen    Kind = "acked-unseen"     // multicast_ok before the node has said any delivery
)

// Breach is what a node did against the contract. It is the program's fault as a
// program, and says nothing about the promises of its protocol.
type Breach struct {
	Kind     Kind
	What     string // which one of its kind: "delivered", `deliver without msg`
	Expected string // what would have been right, in a sentence or more
	Nearest  string // the nearest right spelling; "" if there is none
}

// Error gives what is wrong, on one line.
func (b *Breach) Error() string {
	text := fmt.Sprintf("%s: %s", b.Kind, b.What)
	if b.Nearest != "" {
		text += fmt.Sprintf(" (did you mean %s?)", b.Nearest)
	}
	return text
}

// Broken ends a run whose program breaks the contract while the group forms.
type Broken struct {
	Member string
	Line   string // the first line that does it, shortened; "" if it is none
	Breach *Breach
}

// Unwrap gives the breach.
func (b *Broken) Unwrap() error { return b.Breach }

// Error explains it, over several lines.
func (b *Broken) Error() string {
	text := b.Member + " broke the contract: " + b.Breach.What
	if b.Line != "" {
		text += "\n  its line:  " + b.Line
	}
	text += "\n  expected:  " + b.Breach.Expected
	if b.Breach.Nearest != "" {
		text += "\n  nearest:   " + b.Breach.Nearest
	}
	return text + "\n  This says nothing about the protocol: no promise was judged. `groupy contract --bin …` checks\n" +
		"  a program alone, request after request; docs/contract.md says what each line means."
}
