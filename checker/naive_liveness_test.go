package checker_test

import (
	"slices"

	"groupy/checker/history"
)

func (n *naive) membershipPrecision() bool {
	live := slices.Sorted(slices.Values(n.LiveMembers()))
	return pairs(live, func(p, q string) bool {
		vp, vq := n.BeforeEnd(p), n.BeforeEnd(q)
		if len(vp) == 0 || len(vq) == 0 || vp[len(vp)-1].View != vq[len(vq)-1].View {
			return false
		}
		held := only(vp[len(vp)-1].Members, func(m string) bool { return n.starts() || n.seen(m) })
		slices.Sort(held)
		return slices.Equal(slices.Compact(held), live)
	})
}

func (n *naive) selfDelivery() bool {
	return every(n.asked(), func(i history.Event) bool {
		end := n.ended(i)
		failed := end != nil && end.Type == history.Fail
		s := n.sender(i)
		acked := end != nil && end.Type == history.OK
		again := slices.ContainsFunc(n.of(history.Start), func(e history.Event) bool { return e.Member == s && e.Index > i.Index })
		return failed || s == "" || !n.Live(s) || again && !acked || slices.Contains(n.firsts(s), msgOf(i))
	})
}

func (n *naive) join() bool {
	return every(n.of(history.Invoke), func(i history.Event) bool {
		p := n.sender(i)
		return i.F != "join" || p == "" || !n.Live(p) || len(n.installs(p)) > 0
	})
}

// probes are the multicasts asked for in final of members that live.
func (n *naive) probes() []string {
	var list []string
	for _, i := range n.asked() {
		if s := n.sender(i); i.Index > n.phase("final") && i.Index < n.phase("end") && (s == "" || n.Live(s)) {
			list = append(list, msgOf(i))
		}
	}
	return list
}

func (n *naive) probeDelivery() bool {
	return every(n.probes(), func(m string) bool {
		return every(n.LiveMembers(), func(p string) bool { return slices.Contains(n.firsts(p), m) })
	})
}
