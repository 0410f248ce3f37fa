package checker

import (
	"fmt"
	"slices"
	"strings"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/liveness"
	"groupy/checker/membership"
	"groupy/checker/multicast"
	"groupy/checker/objects"
	"groupy/checker/report"
	"groupy/checker/stream"
	"groupy/checker/trace"
)

// Properties is the list of all properties, in the order of reports.
var Properties = []trace.Property{
	membership.NoUnaskedEnd,
	multicast.Integrity,
	multicast.SenderIntegrity,
	multicast.NoDuplication,
	membership.ViewInstalled,
	membership.SelfInclusion,
	membership.ViewAgreement,
	membership.ViewMonotonicity,
	membership.PrimaryAgreement,
	membership.PrimaryChain,
	multicast.SameViewDelivery,
	multicast.SendingViewDelivery,
	multicast.VirtualSynchrony,
	multicast.TotalOrder,
	multicast.GapFreedom,
	multicast.FifoOrder,
	multicast.CausalOrder,
	multicast.Agreement,
	multicast.UniformAgreement,
	multicast.NoLoss,
	multicast.StateAgreement,
	multicast.Recovery,
	membership.Exclusion,
	objects.Linearizability,
	liveness.MembershipPrecision,
	liveness.SelfDelivery,
	liveness.Join,
	liveness.ProbeDelivery,
}

// Options changes what Check does. The zero value is the usual.
type Options struct {
	// Promises names the properties that decide the verdict. Nil: those of the
	// history's header, or without any the properties that are Promised.
	Promises []string
	// Words change what is promised, as Promised has it: that of Promises, the header,
	// or the usual.
	Words []string
	// Model chooses what operations are done on: NAME[:parameter=value,…], of Models.
	// A history that is judged by a model promises linearizability, unless Promises
	// says otherwise. "": the first model, where the history has its operations.
	Model string
	// Search decides what only a search decides. The zero Searcher: linear.InProcess.
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
func Check(r *history.Reader, o Options) (report.Report, error) {
	for _, name := range o.Promises {
		if find(name) == nil {
			return report.Report{}, fmt.Errorf("no property is called %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	if _, err := Promised(o.Words, Usual()); err != nil {
		return report.Report{}, err
	}
	ops, err := objects.Open(o.Model, o.Search, o.Draw)
	if err != nil {
		return report.Report{}, err
	}
	if r.Rewindable() {
		if rep, ok, err := prove(r, trace.NewBuilder(r.Header(), ops, o.Line), o); ok || err != nil {
			return rep, err
		}
		if err := r.Rewind(); err != nil {
			return report.Report{}, err
		}
		ops, _ = objects.Open(o.Model, o.Search, o.Draw) // as before, and empty
	}
	t, err := trace.Read(r, ops, o.Line)
	if err != nil {
		return report.Report{}, err
	}
	return judge(t, promises(o, r.Header(), &t.Stats), r.Header().LeftOut, nil), nil
}

// prove reads the history up to what is suspicious in it, and gives its report if
// nothing is.
func prove(r *history.Reader, b *trace.Builder, o Options) (rep report.Report, ok bool, err error) {
	s := stream.New(b)
	for e, err := range r.Events() {
		if err != nil {
			return rep, false, err
		}
		if s.Add(e); s.Suspicion != "" {
			return rep, false, nil
		}
	}
	t, results, ok := s.Finish(r.Truncated())
	if !ok {
		return rep, false, nil
	}
	return judge(t, promises(o, r.Header(), &t.Stats), r.Header().LeftOut, results), true, nil
}

// promises gives the names of the promised properties. A chosen model promises
// linearizability, and of a history in which no member does anything nothing else.
func promises(o Options, h *history.Header, s *report.Stats) []string {
	list := promisedBefore(o, h, s)
	if o.Words != nil {
		if changed, err := Promised(o.Words, list); err == nil { // else nothing would be left
			return changed
		}
	}
	return list
}

// promisedBefore are the promises before the words change them.
func promisedBefore(o Options, h *history.Header, s *report.Stats) []string {
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
	if o.Model != "" && !slices.Contains(list, objects.Linearizability.Name) {
		list = append(list, objects.Linearizability.Name)
	}
	return list
}

func find(name string) *trace.Property {
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
func judge(t *trace.Trace, promised []string, leftOut map[string]string, known map[string]report.Result) report.Report {
	rep := report.Report{Verdict: report.Valid, Properties: map[string]report.Result{}, Stats: t.Stats}
	for _, p := range Properties {
		if why, left := leftOut[p.Name]; left && !slices.Contains(promised, p.Name) {
			rep.Leave(p.Name, why)
			continue
		} else if left {
			rep.Add(p.Name, report.Result{Verdict: report.Unknown, Promised: true, Reason: &report.Reason{Code: "left-out", Text: why}})
			continue
		}
		res, ok := known[p.Name]
		if !ok {
			res = p.Check(t)
		}
		if t.Lost != nil && (res.Reason == nil || res.Reason.Code != report.DoesNotApply) {
			res = report.Unjudged(t.Lost) // the line may have put it right, or wrong
		}
		res.Promised = slices.Contains(promised, p.Name)
		if !res.Promised && res.Reason != nil && res.Reason.Code == report.DoesNotApply {
			continue
		}
		rep.Add(p.Name, res)
	}
	for _, name := range promised {
		if find(name) == nil {
			rep.Add(name, report.Result{Verdict: report.Unknown, Promised: true, Reason: &report.Reason{
				Code: "not-checked",
				Text: "the history promises it, but this checker has no property of that name",
			}})
		}
	}
	if t.Stats.Shared == 0 && !slices.Equal(promised, []string{objects.Linearizability.Name}) { // answers alone may prove it
		rep.Lack(report.Reason{
			Code: "no-shared-delivery",
			Text: "no message was delivered by two members, so that the history proves nothing",
		})
	}
	return rep
}
