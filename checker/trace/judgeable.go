package trace

import (
	"fmt"

	"groupy/checker/report"
)

// judgeable says why what did not happen proves nothing in this history, or nil
// where the run gave the group every chance: its faults were healed, it reached
// final and is whole, and the group is not blocked as specified.
func (t *Trace) judgeable() *report.Reason {
	switch {
	case t.FinalAt == None:
		return &report.Reason{Code: report.NotFinal, Text: "the run did not reach its final phase"}
	case t.faulted && t.healedAt == None:
		return &report.Reason{Code: report.NotHealed, Text: "faults began and the run was not healed"}
	case t.EndAt == None:
		return &report.Reason{Code: report.CutOff, Text: "the history ends inside the final phase"}
	}
	return t.blocked()
}

// InFinal reports whether the history is, up to where it was read, in the phase final.
func (t *Trace) InFinal() bool { return t.FinalAt != None && t.EndAt == None }

// blocked is the expected-stall oracle: a primary-component group may be blocked
// for good. It takes the highest view that a live member holds, not the highest
// that anybody ever held (its holders may all be dead), and asks whether those of
// its members that still run in the same incarnation are a quorum of it: more than
// half, or exactly half with the first member among them. Only who was taken away by
// the plan is missing: who ended unasked counts here as if it lived and ran.
func (t *Trace) blocked() *report.Reason {
	highest, list := int64(None), int32(None)
	var name string
	for q := range t.Members {
		m := &t.Members[q]
		if !t.present(m) {
			continue
		}
		installs := t.BeforeEnd(q)
		for i := len(installs) - 1; i >= 0; i-- {
			if in := &installs[i]; in.Primary {
				// A view's first install comes after that of the view before it, so
				// the one that was first installed last is the highest.
				if at := t.Views[in.View].FirstAt; at > highest {
					highest, list, name = at, in.List, t.View(in.View)
				}
				break
			}
		}
	}
	if list == None {
		return &report.Reason{Code: report.Blocked, Text: "no live member holds a primary view"}
	}
	running, first := 0, false
	for i, q := range t.Lists[list] {
		if t.running(&t.Members[q]) {
			running++
			first = first || i == 0
		}
	}
	all := len(t.Lists[list])
	if IsQuorum(running, all, first) {
		return nil
	}
	return &report.Reason{Code: report.Blocked, Text: fmt.Sprintf(
		"%d of the %d members of view %s, the highest that a live member holds, still run; that is no quorum", running, all, name)}
}

// IsQuorum reports whether n of a view's members can go on without the others: more
// than half of all, or exactly half with the first among them.
func IsQuorum(n, all int, first bool) bool { return 2*n > all || 2*n == all && first }

// running reports whether the member's process runs at the end, evicted or not, or
// would if it had not ended unasked.
func (t *Trace) running(m *Member) bool {
	return t.lived(m) && (m.StoppedAt == None || m.Fell)
}

// LiveMembers lists the members that live at the end.
func (t *Trace) LiveMembers() []int {
	var list []int
	for q := range t.Members {
		if t.Live(&t.Members[q]) {
			list = append(list, q)
		}
	}
	return list
}

// BeforeEnd is what the member installed before the run's end: when the harness
// ends one member after the other, those that still run may install views without
// those that do not.
func (t *Trace) BeforeEnd(q int) []Install {
	all := t.Members[q].Installs
	n := len(all)
	for n > 0 && t.EndAt != None && all[n-1].At > t.EndAt {
		n--
	}
	return all[:n]
}
