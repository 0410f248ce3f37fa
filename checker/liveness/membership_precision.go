package liveness

import (
	"fmt"
	"slices"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var MembershipPrecision = trace.Property{
	Name: "membership-precision", Kind: trace.Liveness, Promised: true,
	Statement: "all live members end in the same view, and it holds exactly them",
	Check:     checkMembershipPrecision,
}

func checkMembershipPrecision(t *trace.Trace) report.Result {
	if t.Unjudgeable != nil {
		return report.Unjudged(t.Unjudgeable)
	}
	var f report.Finding
	live := t.LiveMembers()
	first := trace.None // the first live member that has a view
	for _, q := range live {
		f.Evidence++
		installs := t.BeforeEnd(q)
		if len(installs) == 0 {
			f.Broken(t.FinalAt, func() (string, []report.Witness) {
				return fmt.Sprintf("%s lives and has never installed a view", t.Name(q)), t.LifeOf(q)
			})
			continue
		}
		in := installs[len(installs)-1]
		if first == trace.None {
			first = q
		}
		refs := t.BeforeEnd(first)
		ref := refs[len(refs)-1]
		switch {
		case in.View != ref.View:
			f.Broken(max(in.At, ref.At), func() (string, []report.Witness) {
				return fmt.Sprintf("%s ends in view %s, %s in view %s", t.Name(first), t.View(ref.View), t.Name(q), t.View(in.View)),
					[]report.Witness{t.Installed(first, len(refs)-1), t.Installed(q, len(installs)-1), t.Final()}
			})
		case !holdsExactly(t, in.List, live):
			f.Broken(in.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s ends in view %s %s, but {%s} live", t.Name(q), t.View(in.View), t.Set(in.List), t.Listed(live)),
					append(misplaced(t, in.List, live), t.Installed(q, len(installs)-1), t.Final())
			})
		}
	}
	return f.Done()
}

// holdsExactly reports whether a view's list is the given set of members. Where
// nobody has a start, a name that only others use may be of one who lives or not.
func holdsExactly(t *trace.Trace, list int32, set []int) bool {
	have := slices.DeleteFunc(slices.Clone(t.Lists[list]), func(q int32) bool { return !t.AnyStart && !t.Members[q].Seen })
	slices.Sort(have)
	return slices.EqualFunc(slices.Compact(have), set, func(a int32, b int) bool { return int(a) == b })
}

// misplaced is the event that makes a list wrong: how a member in it ended, or
// that one lives which is not.
func misplaced(t *trace.Trace, list int32, live []int) []report.Witness {
	for _, q := range t.Lists[list] {
		m := &t.Members[q]
		for _, end := range []struct {
			at   int64
			text string
		}{{m.StoppedAt, "stops"}, {m.EvictedAt, "is evicted"}, {m.LeftAt, "has left"}} {
			if end.at != trace.None {
				return []report.Witness{t.Witness(end.at, "%s %s", m.Name, end.text)}
			}
		}
	}
	for _, q := range live {
		if m := &t.Members[q]; m.StartedAt != trace.None && !slices.Contains(t.Lists[list], int32(q)) {
			return []report.Witness{t.Witness(m.StartedAt, "%s starts", m.Name)}
		}
	}
	return nil
}
