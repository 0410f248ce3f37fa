package checker

import (
	"groupy/checker/objects"
	"groupy/checker/report"
	"groupy/checker/trace"
)

// What a caller of Check meets, under the checker's name.
type (
	Report   = report.Report
	Result   = report.Result
	Verdict  = report.Verdict
	Witness  = report.Witness
	Reason   = report.Reason
	Stats    = report.Stats
	Count    = report.Count
	Property = trace.Property
	Kind     = trace.Kind
)

// The verdicts, and the kinds of properties.
const (
	Valid    = report.Valid
	Invalid  = report.Invalid
	Unknown  = report.Unknown
	Safety   = trace.Safety
	Liveness = trace.Liveness
)

// Models is the list of what operations can be done on.
var Models = objects.Models

// IsQuorum reports whether n of a view's members can go on without the others: more
// than half of all, or exactly half with the first among them.
func IsQuorum(n, all int, first bool) bool { return trace.IsQuorum(n, all, first) }
