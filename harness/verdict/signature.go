package verdict

import (
	"regexp"
	"slices"
	"strings"

	"groupy/checker"
)

// Signature names what went wrong in a run, the same for the same bug in other
// runs: the first promised property that was violated, safety before liveness, and
// where the property tells kinds apart, its first kind behind a colon:
// "no-unasked-end: exit 3". It is empty for a run that is not invalid.
type Signature string

// Property is the property that is violated.
func (s Signature) Property() string {
	property, _, _ := strings.Cut(string(s), ": ")
	return property
}

// kind is in which of its property's ways; "": in any.
func (s Signature) kind() string {
	_, kind, _ := strings.Cut(string(s), ": ")
	return kind
}

// SignatureOf gives the signature of a judged run.
func SignatureOf(j *Judgement) Signature {
	if all := Signatures(j); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Signatures are all promised properties that a judged run violates, safety
// before liveness, each in all its kinds.
func Signatures(j *Judgement) (all []Signature) {
	if j == nil || j.Verdict != checker.Invalid {
		return nil
	}
	for _, kind := range []checker.Kind{checker.Safety, checker.Liveness} {
		for _, p := range checker.Properties {
			r := j.Properties[p.Name]
			if p.Kind != kind || !r.Promised || r.Verdict != checker.Invalid {
				continue
			}
			for _, way := range r.Kinds {
				all = append(all, Signature(p.Name+": "+way))
			}
			if len(r.Kinds) == 0 {
				all = append(all, Signature(p.Name))
			}
		}
	}
	return all
}

// Has reports whether a judged run shows the failure: its property is violated, in
// the signature's kind if it names one, whatever else is.
func (s Signature) Has(j *Judgement) bool {
	r := j.Properties[s.Property()]
	return s != "" && j.Verdict == checker.Invalid && r.Promised && r.Verdict == checker.Invalid &&
		(s.kind() == "" || slices.Contains(r.Kinds, s.kind()))
}

// Alike reports whether two runs that both show the failure show it in the same
// way: nothing that is named before it is violated in only one of them, and the
// property is violated in the same form.
func (s Signature) Alike(a, b *Judgement) bool {
	return s.Has(a) && s.Has(b) && SignatureOf(a) == SignatureOf(b) && s.form(a) == s.form(b)
}

// ByViolating names what was looked for; "" if that was anything.
func ByViolating(any []Signature) string {
	var names []string
	for _, s := range any {
		names = append(names, string(s))
	}
	if len(names) == 0 {
		return ""
	}
	return " by violating " + strings.Join(names, " or ")
}

// Names of members, messages and views hold a digit; lists of them stand in
// braces, asides in parentheses.
var variable = regexp.MustCompile(`\{[^}]*\}|\([^)]*\)|[^\s;,]*[0-9][^\s;,]*`)

// form is in which way a judged run violates the property, where there are
// several: the checker's sentence without the names in it. Of a cycle each kind
// of part counts once.
func (s Signature) form(j *Judgement) string {
	text := variable.ReplaceAllString(j.Properties[s.Property()].Explanation, "·")
	var parts []string
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.Join(strings.Fields(part), " "); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}
