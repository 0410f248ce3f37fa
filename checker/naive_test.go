package checker_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"groupy/checker/history"
	"groupy/checker/report"
)

// The second implementation: docs/properties.md's sentences, word for word, over the
// events as they stand, in whatever time that takes. It shares nothing with the
// checker but the names. naiveChecks says which history breaks which property.

type naive struct {
	events []history.Event
	bare   bool // of the header's
	known  map[string]any
}

var naiveChecks = map[string]func(n *naive) bool{
	"no-unasked-end":        (*naive).noUnaskedEnd,
	"integrity":             (*naive).integrity,
	"sender-integrity":      (*naive).senderIntegrity,
	"no-duplication":        (*naive).noDuplication,
	"view-installed":        (*naive).viewInstalled,
	"self-inclusion":        (*naive).selfInclusion,
	"view-agreement":        (*naive).viewAgreement,
	"view-monotonicity":     (*naive).viewMonotonicity,
	"primary-agreement":     (*naive).primaryAgreement,
	"primary-chain":         (*naive).primaryChain,
	"same-view-delivery":    (*naive).sameViewDelivery,
	"sending-view-delivery": (*naive).sendingViewDelivery,
	"virtual-synchrony":     (*naive).virtualSynchrony,
	"total-order":           (*naive).totalOrder,
	"gap-freedom":           (*naive).gapFreedom,
	"fifo-order":            (*naive).fifoOrder,
	"causal-order":          (*naive).causalOrder,
	"agreement":             func(n *naive) bool { return n.agreement(false) },
	"uniform-agreement":     func(n *naive) bool { return n.agreement(true) },
	"no-loss":               (*naive).noLoss,
	"state-agreement":       (*naive).stateAgreement,
	"exclusion":             (*naive).exclusion,
	"recovery":              (*naive).recovery,
	"linearizability":       (*naive).linearizable,
	"membership-precision":  (*naive).membershipPrecision,
	"self-delivery":         (*naive).selfDelivery,
	"join":                  (*naive).join,
	"probe-delivery":        (*naive).probeDelivery,
}

// verdict is the naive verdict of one property.
func (n *naive) verdict(property string) report.Verdict {
	if len(n.written(history.Lost)) > 0 {
		return report.Unknown
	}
	switch property {
	case "membership-precision", "self-delivery", "join":
		if n.unjudgeable() {
			return report.Unknown
		}
	case "probe-delivery":
		if n.unjudgeable() || len(n.probes()) == 0 {
			return report.Unknown
		}
	case "no-loss":
		if n.unjudgeable() && n.owed(func(string, history.Event) {}) {
			return report.Unknown
		}
	case "linearizability":
		if n.unanswered() {
			return report.Unknown
		}
	case "sending-view-delivery":
		if len(n.of(history.Send)) == 0 {
			return report.Unknown
		}
	}
	if naiveChecks[property](n) {
		return report.Valid
	}
	return report.Invalid
}

// of, ofMember, firsts, members, asked, live and unjudgeable are computed once for
// each history. What a member does again is not among them.
func (n *naive) of(types ...history.Type) []history.Event {
	return memo(n, fmt.Sprint("of", types), func() []history.Event {
		return only(n.written(types...), func(e history.Event) bool {
			return e.Type != history.View && e.Type != history.Deliver || !n.lives()[e.Member].again[e.Index]
		})
	})
}

// written are the events as they stand.
func (n *naive) written(types ...history.Type) []history.Event {
	return memo(n, fmt.Sprint("written", types), func() []history.Event {
		return only(n.events, func(e history.Event) bool { return slices.Contains(types, e.Type) })
	})
}

func (n *naive) ofMember(member string, t history.Type) []history.Event {
	return memo(n, "ofMember"+member+string(t), func() []history.Event {
		return only(n.of(t), func(e history.Event) bool { return e.Member == member })
	})
}

// only gives the elements of which keep is true.
func only[T any](list []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return !keep(x) })
}

// memo computes a value once.
func memo[T any](n *naive, key string, compute func() T) T {
	if v, ok := n.known[key]; ok {
		return v.(T)
	}
	v := compute()
	if n.known == nil {
		n.known = map[string]any{}
	}
	n.known[key] = v
	return v
}

func (n *naive) installs(p string) []history.Event   { return n.ofMember(p, history.View) }
func (n *naive) deliveries(p string) []history.Event { return n.ofMember(p, history.Deliver) }

// BeforeEnd is what p installed before the harness began to end the members.
func (n *naive) BeforeEnd(p string) []history.Event {
	end := n.phase("end")
	return only(n.installs(p), func(e history.Event) bool { return end < 0 || e.Index < end })
}

// firsts are p's deliveries without repetitions.
func (n *naive) firsts(p string) []string {
	return memo(n, "firsts"+p, func() []string {
		var list []string
		for _, d := range n.deliveries(p) {
			if !slices.Contains(list, d.Msg) {
				list = append(list, d.Msg)
			}
		}
		return list
	})
}

// members are all that are named anywhere.
func (n *naive) members() []string {
	return memo(n, "members", func() []string {
		var list []string
		for _, e := range n.events {
			for _, m := range append([]string{e.Member}, e.Members...) {
				if m != "" && !slices.Contains(list, m) {
					list = append(list, m)
				}
			}
		}
		return list
	})
}

// currentView is the view that p installed last before an event; "" for none.
func (n *naive) currentView(p string, index int64) string {
	name := ""
	for _, v := range n.installs(p) {
		if v.Index < index {
			name = v.View
		}
	}
	return name
}

// in is the view in which a delivery was made.
func (n *naive) in(d history.Event) string {
	if d.View != "" {
		return d.View
	}
	return n.currentView(d.Member, d.Index)
}

// asked are the first invocations of each message.
func (n *naive) asked() []history.Event {
	return memo(n, "asked", func() []history.Event {
		var list []history.Event
		for _, e := range n.of(history.Invoke) {
			if n.carried(e) && !slices.ContainsFunc(list, func(o history.Event) bool { return msgOf(o) == msgOf(e) }) {
				list = append(list, e)
			}
		}
		return list
	})
}

// carried: the invocation is a multicast. One of a read, write or cas is if the
// message that it names was delivered.
func (n *naive) carried(e history.Event) bool {
	return e.F == "multicast" || e.Msg != "" &&
		slices.ContainsFunc(n.of(history.Deliver), func(d history.Event) bool { return d.Msg == e.Msg })
}

func msgOf(e history.Event) string {
	if e.F != "multicast" {
		return e.Msg
	}
	var id string
	_ = json.Unmarshal(e.Value, &id)
	return id
}

// sender is the member that an invocation was for.
func (n *naive) sender(invoke history.Event) string {
	if invoke.Member != "" {
		return invoke.Member
	}
	types := []history.Type{history.Start}
	if !n.starts() {
		types = []history.Type{history.View, history.Deliver}
	}
	member := ""
	for _, e := range n.written(types...) {
		if node, _, _ := strings.Cut(e.Member, "."); e.Index < invoke.Index && node == invoke.Node {
			member = e.Member
		}
	}
	return member
}

// ended gives the completion of an invocation, nil if it is open.
func (n *naive) ended(invoke history.Event) *history.Event {
	for _, e := range n.of(history.OK, history.Fail, history.Info) {
		if e.Process == invoke.Process && e.Index > invoke.Index {
			return &e
		}
	}
	return nil
}

func (n *naive) Acked(invoke history.Event) bool {
	e := n.ended(invoke)
	return e != nil && e.Type == history.OK
}

func (n *naive) phase(name string) int64 {
	for _, e := range n.written(history.Phase) {
		if e.Phase == name {
			return e.Index
		}
	}
	return -1
}

// live: no stop, no evict and no leave that succeeded after its last start.
func (n *naive) Live(p string) bool {
	return memo(n, "live"+p, func() bool { return n.alive(p, anyEnd) })
}

// alive: p lived, and none of the ends that count came after its last start.
func (n *naive) alive(p string, counts func(history.Event) bool) bool {
	alive := !n.starts() && n.seen(p)
	for _, e := range n.events {
		switch {
		case e.Type == history.Start && e.Member == p:
			alive = alive || !n.afterEnd(e)
		case counts(e) && n.ends(p, e):
			alive = false
		}
	}
	return alive
}

func (n *naive) afterEnd(e history.Event) bool {
	end := n.phase(history.PhaseEnd)
	return end >= 0 && e.Index > end
}

// ends: the event ends p's life. The harness's tidying up does not.
func (n *naive) ends(p string, e history.Event) bool {
	if n.afterEnd(e) {
		return false
	}
	switch e.Type {
	case history.Stop, history.Evict:
		return e.Member == p
	case history.OK:
		asked := n.events[n.opened(e)]
		return e.F == "leave" && n.sender(asked) == p
	}
	return false
}

// opened is the place of the invocation that an event ends.
func (n *naive) opened(end history.Event) int {
	last := -1
	for i, e := range n.events {
		if e.Type == history.Invoke && e.Process == end.Process && e.Index < end.Index {
			last = i
		}
	}
	return last
}

func (n *naive) starts() bool { return len(n.written(history.Start)) > 0 }

// seen: p has an event of its own.
func (n *naive) seen(p string) bool {
	return slices.ContainsFunc(n.events, func(e history.Event) bool { return e.Member == p })
}

func (n *naive) LiveMembers() []string {
	return memo(n, "liveMembers", func() []string {
		return only(n.members(), n.Live)
	})
}

// unjudgeable: not healed, not final, cut off or blocked as specified.
func (n *naive) unjudgeable() bool {
	return memo(n, "unjudgeable", func() bool {
		begun := slices.ContainsFunc(n.of(history.Fault), func(e history.Event) bool { return e.Phase == history.FaultBegin })
		if n.phase("final") < 0 || begun && n.phase("heal") < 0 || n.phase("end") < 0 {
			return true
		}
		var highest *history.Event
		for _, p := range only(n.members(), func(p string) bool { return n.alive(p, askedEnd) }) {
			held := only(n.BeforeEnd(p), func(e history.Event) bool { return e.IsPrimary() })
			if len(held) == 0 {
				continue
			}
			last := held[len(held)-1]
			if highest == nil || n.FirstInstall(last.View) > n.FirstInstall(highest.View) {
				highest = &last
			}
		}
		if highest == nil {
			return true
		}
		running := only(highest.Members, func(p string) bool {
			return n.alive(p, func(e history.Event) bool { return e.Type == history.Stop && askedEnd(e) })
		})
		half := 2*len(running) == len(highest.Members) && len(running) > 0 && running[0] == highest.Members[0]
		return !half && 2*len(running) <= len(highest.Members)
	})
}

func (n *naive) FirstInstall(view string) int64 {
	for _, v := range n.of(history.View) {
		if v.View == view {
			return v.Index
		}
	}
	return -1
}

// survives: p installed the view, and installs a later one or lives at the end of a
// run that can be judged.
func (n *naive) survives(p, view string) bool {
	return memo(n, "survives"+p+" "+view, func() bool {
		found := false
		for _, v := range n.installs(p) {
			if found && v.View != view {
				return true
			}
			found = found || v.View == view
		}
		return found && n.Live(p) && !n.unjudgeable()
	})
}
