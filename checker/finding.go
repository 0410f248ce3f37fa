package checker

import "slices"

// Reason codes that a property gives for unknown.
const (
	doesNotApply = "does-not-apply" // the history has no events of the kind
	notFinal     = "not-final"      // the run did not reach the phase final
	notHealed    = "not-healed"     // faults began and were never undone
	cutOff       = "cut-off"        // the history ends inside the phase final
	blocked      = "blocked-as-specified"
	noProbes     = "no-probes"  // final without a probe multicast
	linesLost    = "lines-lost" // the harness did not read all that the nodes wrote
)

// finding collects what one property's check sees. Of several violations it keeps
// the one that was complete first in the history: it is nearest to the cause.
type finding struct {
	evidence int64
	count    int64
	at       int64 // index of the kept violation's last event
	result   Result
}

// broken reports one violation, complete at the event with index at. show gives
// its sentence and witness; it is called only for a violation that is kept.
func (f *finding) broken(at int64, show func() (string, []Witness)) {
	f.count++
	if f.count == 1 || at < f.at {
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

// done gives the property's result.
func (f *finding) done() Result {
	r := f.result
	// A violation is a comparison, too.
	r.Evidence, r.Count, r.Verdict = max(f.evidence, f.count), f.count, Valid
	if f.count > 0 {
		r.Verdict = Invalid
	}
	return r
}

// unknown gives the result of a property that could not be judged.
func unknown(why *Reason) Result { return Result{Verdict: Unknown, Reason: why} }
