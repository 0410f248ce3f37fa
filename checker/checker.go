package checker

import (
	"fmt"
	"slices"
	"strings"

	"groupy/checker/history"
)

// Property is one thing that a history must satisfy.
type Property struct {
	Name      string
	Kind      Kind
	Statement string
	Promised  bool // where neither the history nor the caller says what is promised
	// PromisedWith are kinds of operations: a history that has one of them promises
	// the property as if it were Promised.
	PromisedWith []string

	check func(*trace) Result
}

// Kind is what a property's violation looks like.
type Kind string

// A safety violation is something that happened; a liveness violation is
// something that did not, in a run that gave it every chance.
const (
	Safety   Kind = "safety"
	Liveness Kind = "liveness"
)

// Properties is the list of all properties, in the order of reports.
var Properties = []Property{
	integrity,
	noDuplication,
	viewInstalled,
	selfInclusion,
	viewAgreement,
	viewMonotonicity,
	primaryChain,
	sameViewDelivery,
	sendingViewDelivery,
	virtualSynchrony,
	totalOrder,
	gapFreedom,
	fifoOrder,
	causalOrder,
	agreement,
	uniformAgreement,
	noLoss,
	stateAgreement,
	exclusion,
	linearizability,
	membershipPrecision,
	selfDelivery,
	joinProperty,
	probeDelivery,
}

// Options changes what Check does. The zero value is the usual.
type Options struct {
	// Promises names the properties that decide the verdict. Nil: those of the
	// history's header, or without any the properties that are Promised.
	Promises []string
}

// Check reads the history to its end and judges it by every property. The error
// is the reader's, or names an unknown property in the options.
func Check(r *history.Reader, o Options) (Report, error) {
	for _, name := range o.Promises {
		if find(name) == nil {
			return Report{}, fmt.Errorf("no property is called %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	t, err := readTrace(r)
	if err != nil {
		return Report{}, err
	}
	return judge(t, promises(o, r.Header(), t.stats.Operations)), nil
}

// promises gives the names of the promised properties.
func promises(o Options, h *history.Header, asked map[string]Count) []string {
	switch {
	case o.Promises != nil:
		return o.Promises
	case h.Promises != nil:
		return h.Promises
	}
	var usual []string
	for _, p := range Properties {
		if p.Promised || slices.ContainsFunc(p.PromisedWith, func(f string) bool { return asked[f].Invoke > 0 }) {
			usual = append(usual, p.Name)
		}
	}
	return usual
}

func find(name string) *Property {
	for i := range Properties {
		if Properties[i].Name == name {
			return &Properties[i]
		}
	}
	return nil
}

func names() []string {
	var list []string
	for _, p := range Properties {
		list = append(list, p.Name)
	}
	return list
}

// judge evaluates every property and composes the verdict of the promised ones:
// invalid outweighs unknown, and unknown valid.
func judge(t *trace, promised []string) Report {
	rep := Report{Verdict: Valid, Properties: map[string]Result{}, Stats: t.stats}
	for _, p := range Properties {
		res := p.check(t)
		res.Promised = slices.Contains(promised, p.Name)
		if !res.Promised && res.Reason != nil && res.Reason.Code == doesNotApply {
			continue
		}
		rep.add(p.Name, res)
	}
	for _, name := range promised {
		if find(name) == nil {
			rep.add(name, Result{Verdict: Unknown, Promised: true, Reason: &Reason{
				Code: "not-checked",
				Text: "the history promises it, but this checker has no property of that name",
			}})
		}
	}
	if t.stats.Shared == 0 {
		rep.unknown(Reason{
			Code: "no-shared-delivery",
			Text: "no message was delivered by two members, so that the history proves nothing",
		})
	}
	return rep
}

// add takes one property's result into the report.
func (rep *Report) add(name string, res Result) {
	rep.Properties[name] = res
	if !res.Promised {
		return
	}
	switch res.Verdict {
	case Invalid:
		rep.Verdict = Invalid
	case Unknown:
		rep.unknown(*res.Reason)
	}
}

// unknown takes a reason into the report, each once.
func (rep *Report) unknown(why Reason) {
	if rep.Verdict == Valid {
		rep.Verdict = Unknown
	}
	if !slices.Contains(rep.Unknown, why) {
		rep.Unknown = append(rep.Unknown, why)
	}
}
