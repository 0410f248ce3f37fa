package checker

import "fmt"

// judgeable says why what did not happen proves nothing in this history, or nil
// where the run gave the group every chance: its faults were healed, it reached
// final and is whole, and the group is not blocked as specified.
func (t *trace) judgeable() *Reason {
	switch {
	case t.finalAt == none:
		return &Reason{notFinal, "the run did not reach its final phase"}
	case t.faulted && t.healedAt == none:
		return &Reason{notHealed, "faults began and the run was not healed"}
	case t.endAt == none:
		return &Reason{cutOff, "the history ends inside the final phase"}
	}
	return t.blocked()
}

// inFinal reports whether the history is, up to where it was read, in the phase final.
func (t *trace) inFinal() bool { return t.finalAt != none && t.endAt == none }

// blocked is the expected-stall oracle: a primary-component group may be blocked
// for good. It takes the highest view that a live member holds, not the highest
// that anybody ever held (its holders may all be dead), and asks whether those of
// its members that still run in the same incarnation are a quorum of it: more than
// half, or exactly half with the first member among them.
func (t *trace) blocked() *Reason {
	highest, list := int64(none), int32(none)
	var name string
	for q := range t.members {
		m := &t.members[q]
		if !t.live(m) {
			continue
		}
		installs := t.beforeEnd(q)
		for i := len(installs) - 1; i >= 0; i-- {
			if in := &installs[i]; in.primary {
				// A view's first install comes after that of the view before it, so
				// the one that was first installed last is the highest.
				if at := t.views[in.view].firstAt; at > highest {
					highest, list, name = at, in.list, t.view(in.view)
				}
				break
			}
		}
	}
	if list == none {
		return &Reason{blocked, "no live member holds a primary view"}
	}
	running, first := 0, false
	for i, q := range t.lists[list] {
		if t.running(&t.members[q]) {
			running++
			first = first || i == 0
		}
	}
	all := len(t.lists[list])
	if IsQuorum(running, all, first) {
		return nil
	}
	return &Reason{blocked, fmt.Sprintf(
		"%d of the %d members of view %s, the highest that a live member holds, still run; that is no quorum", running, all, name)}
}

// IsQuorum reports whether n of a view's members can go on without the others: more
// than half of all, or exactly half with the first among them.
func IsQuorum(n, all int, first bool) bool { return 2*n > all || 2*n == all && first }

// running reports whether the member's process runs at the end, evicted or not.
func (t *trace) running(m *member) bool {
	return t.lived(m) && m.stoppedAt == none
}

// liveMembers lists the members that live at the end.
func (t *trace) liveMembers() []int {
	var list []int
	for q := range t.members {
		if t.live(&t.members[q]) {
			list = append(list, q)
		}
	}
	return list
}
