package trace

import "groupy/checker/report"

// Property is one thing that a history must satisfy.
type Property struct {
	Name      string
	Kind      Kind
	Statement string
	Promised  bool // where neither the history nor the caller says what is promised
	// PromisedWith are kinds of operations: a history that has one of them promises
	// the property as if it were Promised.
	PromisedWith []string
	// Lasting says that a history which breaks the property in its beginning is invalid
	// whatever follows: nothing puts it right, or only what breaks another promise.
	Lasting bool

	Check func(*Trace) report.Result
}

// Kind is what a property's violation looks like.
type Kind string

// A safety violation is something that happened; a liveness violation is
// something that did not, in a run that gave it every chance.
const (
	Safety   Kind = "safety"
	Liveness Kind = "liveness"
)
