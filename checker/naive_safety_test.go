package checker_test

import (
	"cmp"
	"maps"
	"regexp"
	"slices"

	"groupy/checker/history"
)

// every reports whether holds is true of every element.
func every[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(x T) bool { return !holds(x) })
}

func (n *naive) integrity() bool {
	return every(n.of(history.Deliver), func(d history.Event) bool {
		return slices.ContainsFunc(n.asked(), func(i history.Event) bool {
			end := n.ended(i)
			return msgOf(i) == d.Msg && i.Index < d.Index && (i.F != "multicast" || end == nil || end.Type != history.Fail || end.Index > d.Index)
		})
	})
}

func (n *naive) senderIntegrity() bool {
	named := only(n.of(history.Deliver), func(d history.Event) bool { return d.Sender != "" })
	same := func(a, b string) bool {
		return a == b || n.bare && withoutIncarnation(a) == withoutIncarnation(b)
	}
	return pairs(named, func(d, e history.Event) bool { return d.Msg != e.Msg || same(d.Sender, e.Sender) }) &&
		every(named, func(d history.Event) bool {
			askers := only(n.of(history.Invoke), func(i history.Event) bool { return msgOf(i) == d.Msg && i.Index < d.Index })
			known := every(askers, func(i history.Event) bool { return n.sender(i) != "" })
			return len(askers) == 0 || !known ||
				slices.ContainsFunc(askers, func(i history.Event) bool { return same(n.sender(i), d.Sender) })
		})
}

func withoutIncarnation(member string) string {
	return regexp.MustCompile(`^(.+)\.0*[1-9][0-9]*$`).ReplaceAllString(member, "$1")
}

func primary(v history.Event) bool { return v.IsPrimary() }

func (n *naive) noDuplication() bool {
	return every(n.members(), func(p string) bool { return len(n.firsts(p)) == len(n.deliveries(p)) })
}

func (n *naive) viewInstalled() bool {
	return len(n.of(history.View)) == 0 || every(n.of(history.Deliver), func(d history.Event) bool {
		current := n.currentView(d.Member, d.Index)
		return current != "" && (d.View == "" || d.View == current)
	})
}

func (n *naive) selfInclusion() bool {
	return every(n.of(history.View), func(v history.Event) bool { return slices.Contains(v.Members, v.Member) })
}

// pairs reports whether holds is true of every two elements.
func pairs[T any](list []T, holds func(a, b T) bool) bool {
	return every(list, func(a T) bool { return every(list, func(b T) bool { return holds(a, b) }) })
}

func (n *naive) viewAgreement() bool {
	return pairs(n.of(history.View), func(v, w history.Event) bool {
		return v.View != w.View || slices.Equal(v.Members, w.Members)
	})
}

func (n *naive) viewMonotonicity() bool {
	twice := !every(n.members(), func(p string) bool {
		return pairs(n.installs(p), func(v, w history.Event) bool { return v.View != w.View || v.Index == w.Index })
	})
	return !twice && n.sameOrder(func(p string) []string { return viewNames(n.installs(p)) })
}

func viewNames(installs []history.Event) []string {
	var list []string
	for _, v := range installs {
		list = append(list, v.View)
	}
	return list
}

// sameOrder: two members have the things they share in the same order.
func (n *naive) sameOrder(row func(p string) []string) bool {
	return pairs(n.members(), func(p, q string) bool {
		return pairs(row(p), func(a, b string) bool {
			ap, bp := slices.Index(row(p), a), slices.Index(row(p), b)
			aq, bq := slices.Index(row(q), a), slices.Index(row(q), b)
			return aq < 0 || bq < 0 || (ap < bp) == (aq < bq)
		})
	})
}

func (n *naive) primaryAgreement() bool {
	return pairs(n.of(history.View), func(v, w history.Event) bool {
		return v.View != w.View || v.IsPrimary() == w.IsPrimary()
	})
}

func (n *naive) primaryChain() bool {
	var chain []history.Event // first primary installs, in line order
	for _, v := range n.of(history.View) {
		if v.IsPrimary() && !slices.ContainsFunc(chain, func(w history.Event) bool { return w.View == v.View }) {
			chain = append(chain, v)
		}
	}
	type step struct{ from, to string }
	var direct, all []step
	for _, p := range n.members() {
		installs := n.installs(p)
		for j, w := range installs {
			before := only(installs[:j], primary)
			if len(before) == 0 || !w.IsPrimary() || before[len(before)-1].View == w.View {
				continue
			}
			one := step{before[len(before)-1].View, w.View}
			if all = append(all, one); installs[j-1].IsPrimary() {
				direct = append(direct, one)
			}
		}
	}
	if !pairs(direct, func(a, b step) bool { return (a.from == b.from) == (a.to == b.to) }) {
		return false
	}
	// Each row by the first view from which nothing leads back.
	var rows [][]history.Event
	placed := 0
	for _, head := range chain {
		if slices.ContainsFunc(direct, func(s step) bool { return s.to == head.View }) {
			continue
		}
		row := []history.Event{head}
		for more := true; more; {
			more = false
			for _, s := range direct {
				if s.from == row[len(row)-1].View {
					row = append(row, chain[slices.IndexFunc(chain, func(v history.Event) bool { return v.View == s.to })])
					more = true
					break
				}
			}
		}
		rows = append(rows, row)
		placed += len(row)
	}
	if placed < len(chain) { // the others stand in circles
		return false
	}
	begins := func(row []history.Event) int64 {
		return slices.MinFunc(row, func(a, b history.Event) int { return cmp.Compare(a.Index, b.Index) }).Index
	}
	slices.SortFunc(rows, func(a, b []history.Event) int { return cmp.Compare(begins(a), begins(b)) })
	for i := range len(rows) - 1 {
		last := rows[i][len(rows[i])-1]
		shared := slices.ContainsFunc(rows[i+1][0].Members, func(m string) bool { return slices.Contains(last.Members, m) })
		if begins(rows[i+1]) < last.Index || !shared {
			return false
		}
	}
	order := viewNames(slices.Concat(rows...))
	inOrder := every(all, func(s step) bool { return slices.Index(order, s.from) < slices.Index(order, s.to) })
	if len(rows) == 0 || n.unjudgeable() {
		return inOrder
	}
	end := rows[len(rows)-1][len(rows[len(rows)-1])-1]
	return inOrder && every(end.Members, func(m string) bool {
		return !n.Live(m) || slices.ContainsFunc(n.installs(m), func(v history.Event) bool { return v.View == end.View && v.IsPrimary() })
	})
}

func (n *naive) sameViewDelivery() bool {
	return pairs(n.of(history.Deliver), func(d, e history.Event) bool {
		return d.Msg != e.Msg || n.in(d) == "" || n.in(e) == "" || n.in(d) == n.in(e)
	})
}

func (n *naive) sendingViewDelivery() bool {
	return every(n.of(history.Deliver), func(d history.Event) bool {
		sends := only(n.of(history.Send), func(s history.Event) bool { return s.Msg == d.Msg })
		return len(sends) == 0 || n.in(d) == "" ||
			slices.ContainsFunc(sends, func(s history.Event) bool { return s.View == n.in(d) })
	})
}

func (n *naive) virtualSynchrony() bool {
	return pairs(n.members(), func(p, q string) bool {
		ip, iq := n.installs(p), n.installs(q)
		for i := 0; p != q && i+1 < len(ip); i++ {
			for j := 0; j+1 < len(iq); j++ {
				together := ip[i].View == iq[j].View && ip[i+1].View == iq[j+1].View && ip[i].View != ip[i+1].View
				if together && !maps.Equal(n.deliveredIn(p, ip[i].View, ip[i+1].Index), n.deliveredIn(q, iq[j].View, iq[j+1].Index)) {
					return false
				}
			}
		}
		return true
	})
}

// deliveredIn is the set of messages that p delivered in a view before an event.
func (n *naive) deliveredIn(p, view string, before int64) map[string]bool {
	set := map[string]bool{}
	for _, d := range n.deliveries(p) {
		if d.Index < before && n.in(d) == view {
			set[d.Msg] = true
		}
	}
	return set
}

// totalOrder: one order fits all rows if "delivered before, by somebody" has no
// cycle (Warshall).
func (n *naive) totalOrder() bool {
	before := map[[2]string]bool{}
	var msgs []string
	for _, p := range n.members() {
		row := n.deliveries(p)
		for i, a := range row {
			msgs = append(msgs, a.Msg)
			for _, b := range row[i+1:] {
				if a.Msg != b.Msg {
					before[[2]string{a.Msg, b.Msg}] = true
				}
			}
		}
	}
	slices.Sort(msgs)
	msgs = slices.Compact(msgs)
	for _, k := range msgs {
		for _, i := range msgs {
			for _, j := range msgs {
				if before[[2]string{i, k}] && before[[2]string{k, j}] {
					before[[2]string{i, j}] = true
				}
			}
		}
	}
	return every(msgs, func(m string) bool { return !before[[2]string{m, m}] })
}

func (n *naive) gapFreedom() bool {
	between := func(row []string, a, b string) map[string]bool {
		set := map[string]bool{}
		i, j := slices.Index(row, a), slices.Index(row, b)
		for k := min(i, j) + 1; k < max(i, j); k++ {
			set[row[k]] = true
		}
		return set
	}
	return pairs(n.members(), func(p, q string) bool {
		rp, rq := n.firsts(p), n.firsts(q)
		return pairs(rp, func(a, b string) bool {
			return !slices.Contains(rq, a) || !slices.Contains(rq, b) ||
				maps.Equal(between(rp, a, b), between(rq, a, b))
		})
	})
}

func (n *naive) fifoOrder() bool {
	asked := n.asked()
	return pairs(asked, func(first, second history.Event) bool {
		if first.Index >= second.Index || n.sender(first) == "" || n.sender(first) != n.sender(second) {
			return true
		}
		return every(n.of(history.Deliver), func(later history.Event) bool {
			if later.Msg != msgOf(second) {
				return true
			}
			// In order: no delivery of the first comes after one of the second.
			sooner := only(n.deliveries(later.Member), func(d history.Event) bool { return d.Msg == msgOf(first) })
			if slices.ContainsFunc(sooner, func(d history.Event) bool { return d.Index > later.Index }) {
				return false
			}
			skipped := len(sooner) == 0 && n.Acked(first)
			return !skipped || !n.could(later.Member, first)
		})
	})
}

// could: p was a member before the message was asked for, or installs a view in
// which somebody delivered it.
func (n *naive) could(p string, invoke history.Event) bool {
	if v := n.installs(p); len(v) > 0 && v[0].Index < invoke.Index {
		return true
	}
	return slices.ContainsFunc(n.of(history.Deliver), func(d history.Event) bool {
		return d.Msg == msgOf(invoke) && slices.ContainsFunc(n.installs(p), func(v history.Event) bool {
			return v.View == n.in(d)
		})
	})
}

func (n *naive) causalOrder() bool {
	return every(n.asked(), func(i history.Event) bool {
		s := n.sender(i)
		if s == "" {
			return true
		}
		var past []string
		for _, d := range n.deliveries(s) {
			if d.Index < i.Index {
				past = append(past, d.Msg)
			}
		}
		for _, other := range n.asked() {
			if other.Index < i.Index && n.sender(other) == s {
				past = append(past, msgOf(other))
			}
		}
		return every(n.members(), func(q string) bool {
			row := n.firsts(q)
			m := slices.Index(row, msgOf(i))
			return m < 0 || every(past, func(x string) bool { return x == msgOf(i) || slices.Index(row, x) < m })
		})
	})
}

func (n *naive) agreement(uniform bool) bool {
	return every(n.of(history.Deliver), func(d history.Event) bool {
		view := n.in(d)
		if view == "" || !uniform && !n.survives(d.Member, view) {
			return true
		}
		return every(n.members(), func(q string) bool {
			return !n.survives(q, view) || slices.Contains(n.firsts(q), d.Msg)
		})
	})
}

func (n *naive) noLoss() bool {
	lost := false
	n.owed(func(p string, invoke history.Event) {
		lost = lost || !slices.Contains(n.firsts(p), msgOf(invoke))
	})
	return !lost
}

// owed calls f for each acknowledged message and each live member that had a view
// before; it reports whether there is any.
func (n *naive) owed(f func(p string, invoke history.Event)) bool {
	any := false
	for _, i := range n.asked() {
		for _, p := range n.LiveMembers() {
			if v := n.installs(p); n.Acked(i) && len(v) > 0 && v[0].Index < i.Index {
				any = true
				f(p, i)
			}
		}
	}
	return any
}

// A member's second delivery of a message is no second opinion.
func (n *naive) stateAgreement() bool {
	first := only(n.of(history.Deliver), func(d history.Event) bool {
		return !slices.ContainsFunc(n.deliveries(d.Member), func(e history.Event) bool { return e.Msg == d.Msg && e.Index < d.Index })
	})
	return pairs(first, func(d, e history.Event) bool {
		return d.Msg != e.Msg || d.State == "" || e.State == "" || d.State == e.State
	})
}

func (n *naive) exclusion() bool {
	evicted := func(p string, index int64) bool {
		out := false
		for _, e := range n.events {
			if e.Index < index && e.Member == p && (e.Type == history.Evict || e.Type == history.Start) {
				out = e.Type == history.Evict
			}
		}
		return out
	}
	return every(n.of(history.Deliver, history.View), func(e history.Event) bool {
		if evicted(e.Member, e.Index) {
			return false
		}
		return every(e.Members, func(m string) bool {
			return !evicted(m, e.Index) || !evicted(m, n.FirstInstall(e.View))
		})
	})
}
