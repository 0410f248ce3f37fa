package harness

import "groupy/checker"

// Signature names what went wrong in a run, the same for the same bug in other
// runs: the first promised property that was violated, safety before liveness.
// It is empty for a run that is not invalid.
type Signature string

// SignatureOf gives the signature of a judged run.
func SignatureOf(j *Judgement) Signature {
	if j == nil || j.Verdict != checker.Invalid {
		return ""
	}
	for _, kind := range []checker.Kind{checker.Safety, checker.Liveness} {
		for _, p := range checker.Properties {
			if r := j.Properties[p.Name]; p.Kind == kind && r.Promised && r.Verdict == checker.Invalid {
				return Signature(p.Name)
			}
		}
	}
	return ""
}

// Has reports whether a judged run shows the failure: its property is violated,
// whatever else is.
func (s Signature) Has(j *Judgement) bool {
	r := j.Properties[string(s)]
	return s != "" && j.Verdict == checker.Invalid && r.Promised && r.Verdict == checker.Invalid
}
