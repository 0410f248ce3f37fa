package checker

import (
	"fmt"
	"slices"
	"strings"
)

var membershipPrecision = Property{
	Name: "membership-precision", Kind: Liveness, Promised: true,
	Statement: "all live members end in the same view, and it holds exactly them",
	check:     checkMembershipPrecision,
}

func checkMembershipPrecision(t *trace) Result {
	if t.unjudgeable != nil {
		return unknown(t.unjudgeable)
	}
	var f finding
	live := t.liveMembers()
	first := none // the first live member that has a view
	for _, q := range live {
		f.evidence++
		installs := t.beforeEnd(q)
		if len(installs) == 0 {
			f.broken(t.finalAt, func() (string, []Witness) {
				return fmt.Sprintf("%s lives and has never installed a view", t.name(q)), t.lifeOf(q)
			})
			continue
		}
		in := installs[len(installs)-1]
		if first == none {
			first = q
		}
		refs := t.beforeEnd(first)
		ref := refs[len(refs)-1]
		switch {
		case in.view != ref.view:
			f.broken(max(in.at, ref.at), func() (string, []Witness) {
				return fmt.Sprintf("%s ends in view %s, %s in view %s", t.name(first), t.view(ref.view), t.name(q), t.view(in.view)),
					[]Witness{t.installed(first, len(refs)-1), t.installed(q, len(installs)-1), t.final()}
			})
		case !t.holdsExactly(in.list, live):
			f.broken(in.at, func() (string, []Witness) {
				return fmt.Sprintf("%s ends in view %s %s, but {%s} live", t.name(q), t.view(in.view), t.set(in.list), t.listed(live)),
					append(t.misplaced(in.list, live), t.installed(q, len(installs)-1), t.final())
			})
		}
	}
	return f.done()
}

// beforeEnd is what the member installed before the run's end: when the harness
// ends one member after the other, those that still run may install views without
// those that do not.
func (t *trace) beforeEnd(q int) []install {
	all := t.members[q].installs
	n := len(all)
	for n > 0 && t.endAt != none && all[n-1].at > t.endAt {
		n--
	}
	return all[:n]
}

// holdsExactly reports whether a view's list is the given set of members. Where
// nobody has a start, a name that only others use may be of one who lives or not.
func (t *trace) holdsExactly(list int32, set []int) bool {
	have := slices.DeleteFunc(slices.Clone(t.lists[list]), func(q int32) bool { return !t.anyStart && !t.members[q].seen })
	slices.Sort(have)
	return slices.EqualFunc(slices.Compact(have), set, func(a int32, b int) bool { return int(a) == b })
}

// misplaced is the event that makes a list wrong: how a member in it ended, or
// that one lives which is not.
func (t *trace) misplaced(list int32, live []int) []Witness {
	for _, q := range t.lists[list] {
		m := &t.members[q]
		for _, end := range []struct {
			at   int64
			text string
		}{{m.stoppedAt, "stops"}, {m.evictedAt, "is evicted"}, {m.leftAt, "has left"}} {
			if end.at != none {
				return []Witness{t.witness(end.at, "%s %s", m.name, end.text)}
			}
		}
	}
	for _, q := range live {
		if m := &t.members[q]; m.startedAt != none && !slices.Contains(t.lists[list], int32(q)) {
			return []Witness{t.witness(m.startedAt, "%s starts", m.name)}
		}
	}
	return nil
}

func (t *trace) listed(set []int) string {
	var list []string
	for _, q := range set {
		list = append(list, t.name(q))
	}
	return strings.Join(list, " ")
}

// lifeOf is the witness that a member lives: its start, if there is one, and final.
func (t *trace) lifeOf(q int) []Witness {
	if at := t.members[q].startedAt; at != none {
		return []Witness{t.witness(at, "%s starts", t.name(q)), t.final()}
	}
	return []Witness{t.final()}
}
