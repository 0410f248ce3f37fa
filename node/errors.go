package node

import "fmt"

// Code is an error code of the contract; the numbers are Maelstrom's
// (github.com/jepsen-io/maelstrom, doc/protocol.md).
type Code int

// The codes that the built-in node and the harness use.
const (
	CodeTimeout      Code = 0  // indefinite
	CodeNotInGroup   Code = 1  // the node that was asked does not know the one named
	CodeNotSupported Code = 10 // unknown request
	CodeUnavailable  Code = 11 // cannot be served now, and never was
	CodeMalformed    Code = 12
	CodeCrash        Code = 13 // indefinite
	CodeAbort        Code = 14
	CodeKeyMissing   Code = 20
	CodeKeyExists    Code = 21
	CodePrecondition Code = 22 // a cas whose from did not match
	CodeTxnConflict  Code = 30
)

// Definite reports whether the error proves that the request had no effect and
// never will. Every code not listed in the contract is indefinite.
func (c Code) Definite() bool {
	switch c {
	case CodeNotInGroup, CodeNotSupported, CodeUnavailable, CodeMalformed, CodeAbort,
		CodeKeyMissing, CodeKeyExists, CodePrecondition, CodeTxnConflict:
		return true
	}
	return false
}

// Error is the reply to a request that failed or may have failed.
type Error struct {
	Head
	Code Code   `json:"code"`
	Text string `json:"text"`
}

// Error gives the code and the text.
func (e Error) Error() string { return fmt.Sprintf("error %d: %s", e.Code, e.Text) }
