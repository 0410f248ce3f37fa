package report

import (
	"fmt"
	"slices"
	"strings"
)

// Reason codes that a property gives for unknown.
const (
	DoesNotApply = "does-not-apply" // the history has no events of the kind
	NotFinal     = "not-final"      // the run did not reach the phase final
	NotHealed    = "not-healed"     // faults began and were never undone
	CutOff       = "cut-off"        // the history ends inside the phase final
	Blocked      = "blocked-as-specified"
	NoProbes     = "no-probes"  // final without a probe multicast
	LinesLost    = "lines-lost" // the harness did not read all that the nodes wrote
)

// Finding collects what one property's check sees. Of several violations it keeps
// the one that was complete first in the history: it is nearest to the cause.
type Finding struct {
	Evidence int64
	Count    int64
	at       int64 // index of the kept violation's last event
	result   Result
}

// Broken reports one violation, complete at the event with index at. show gives
// its sentence and witness; it is called only for a violation that is kept.
func (f *Finding) Broken(at int64, show func() (string, []Witness)) {
	f.Count++
	if f.Count == 1 || at < f.at {
		f.at = at
		var witness []Witness
		f.result.Explanation, witness = show()
		f.result.Witness = once(witness)
	}
}

// once leaves out events that are in the witness already.
func once(witness []Witness) []Witness {
	var list []Witness
	for _, w := range witness {
		if !slices.ContainsFunc(list, func(o Witness) bool { return o.Index == w.Index }) {
			list = append(list, w)
		}
	}
	return list
}

// Done gives the property's result.
func (f *Finding) Done() Result {
	r := f.result
	// A violation is a comparison, too.
	r.Evidence, r.Count, r.Verdict = max(f.Evidence, f.Count), f.Count, Valid
	if f.Count > 0 {
		r.Verdict = Invalid
	}
	return r
}

// Unjudged gives the result of a property that could not be judged.
func Unjudged(why *Reason) Result { return Result{Verdict: Unknown, Reason: why} }

// Plural is a count with its noun.
func Plural(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
