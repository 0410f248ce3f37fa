package checker

import (
	"fmt"
	"slices"
	"strings"

	"groupy/checker/history"
	"groupy/checker/linear"
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
	// Lasting says that a history which breaks the property in its beginning is invalid
	// whatever follows: nothing puts it right, or only what breaks another promise.
	Lasting bool

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
	senderIntegrity,
	noDuplication,
	viewInstalled,
	selfInclusion,
	viewAgreement,
	viewMonotonicity,
	primaryAgreement,
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
	recovery,
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
	// Model chooses what operations are done on: NAME[:parameter=value,…], of Models.
	// A history that is judged by a model promises linearizability, unless Promises
	// says otherwise. "": the first model, where the history has its operations.
	Model string
	// Search decides what only a search decides. Nil: linear.InProcess.
	Search linear.Searcher
	// Draw, if it is not nil, is given what to draw of the operations, once, if there
	// are any: of a key that violates linearizability if one does.
	Draw func(*linear.Picture)
	// Line gives the line that a report names for the event with an index, where the
	// history was taken from another file. Nil: the event's own.
	Line func(index int64) int
}

// Check reads the history to its end and judges it by every property. The error
// is the reader's, or names an unknown property in the options.
func Check(r *history.Reader, o Options) (Report, error) {
	for _, name := range o.Promises {
		if find(name) == nil {
			return Report{}, fmt.Errorf("no property is called %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	model := usual
	if o.Model != "" {
		var err error
		if model, err = chooseModel(o.Model); err != nil {
			return Report{}, err
		}
	}
	if o.Search == nil {
		o.Search = linear.InProcess
	}
	ops := func() *operations { return newOperations(model, o.Model != "") }
	if r.Rewindable() {
		if rep, ok, err := prove(r, newBuilder(r.Header(), ops(), o), o); ok || err != nil {
			return rep, err
		}
		if err := r.Rewind(); err != nil {
			return Report{}, err
		}
	}
	t, err := readTrace(r, ops(), o)
	if err != nil {
		return Report{}, err
	}
	return judge(t, promises(o, r.Header(), &t.stats), r.Header().LeftOut, nil), nil
}

// prove reads the history up to what is suspicious in it, and gives its report if
// nothing is.
func prove(r *history.Reader, b *builder, o Options) (rep Report, ok bool, err error) {
	s := newStream(b)
	for e, err := range r.Events() {
		if err != nil {
			return rep, false, err
		}
		if s.add(e); s.suspicion != "" {
			return rep, false, nil
		}
	}
	t, results, ok := s.finish(r.Truncated())
	if !ok {
		return rep, false, nil
	}
	return judge(t, promises(o, r.Header(), &t.stats), r.Header().LeftOut, results), true, nil
}

// promises gives the names of the promised properties. A chosen model promises
// linearizability, and of a history in which no member does anything nothing else.
func promises(o Options, h *history.Header, s *Stats) []string {
	var list []string
	switch {
	case o.Promises != nil:
		return o.Promises
	case h.Promises != nil:
		list = slices.Clone(h.Promises)
	case o.Model != "" && s.Members == 0:
	default:
		for _, p := range Properties {
			if p.Promised || slices.ContainsFunc(p.PromisedWith, func(f string) bool { return s.Operations[f].Invoke > 0 }) {
				list = append(list, p.Name)
			}
		}
	}
	if o.Model != "" && !slices.Contains(list, linearizability.Name) {
		list = append(list, linearizability.Name)
	}
	return list
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
// invalid outweighs unknown, and unknown valid. What the history leaves out is not
// judged; who has it promised all the same is told that it is unknown. What a stream
// has judged already it gives as known.
func judge(t *trace, promised []string, leftOut map[string]string, known map[string]Result) Report {
	rep := Report{Verdict: Valid, Properties: map[string]Result{}, Stats: t.stats}
	for _, p := range Properties {
		if why, left := leftOut[p.Name]; left && !slices.Contains(promised, p.Name) {
			rep.leave(p.Name, why)
			continue
		} else if left {
			rep.add(p.Name, Result{Verdict: Unknown, Promised: true, Reason: &Reason{Code: "left-out", Text: why}})
			continue
		}
		res, ok := known[p.Name]
		if !ok {
			res = p.check(t)
		}
		if t.lost != nil && (res.Reason == nil || res.Reason.Code != doesNotApply) {
			res = unknown(t.lost) // the line may have put it right, or wrong
		}
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
	if t.stats.Shared == 0 && !slices.Equal(promised, []string{linearizability.Name}) { // answers alone may prove it
		rep.unknown(Reason{
			Code: "no-shared-delivery",
			Text: "no message was delivered by two members, so that the history proves nothing",
		})
	}
	return rep
}

// leave takes note of a property that is not judged.
func (rep *Report) leave(name, why string) {
	if rep.LeftOut == nil {
		rep.LeftOut = map[string]string{}
	}
	rep.LeftOut[name] = why
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
