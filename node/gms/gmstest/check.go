package gmstest

import (
	"fmt"
	"slices"
	"strings"
)

// Property is one guarantee, named as the harness names it. Check gives "" if
// the record satisfies it, else what is wrong.
type Property struct {
	Name  string
	Check func(*Record) string
}

// Safety is the visible list of what must hold at any moment.
var Safety = []Property{
	{"integrity", integrity},
	{"no-duplication", noDuplication},
	{"view-installed", viewInstalled},
	{"self-inclusion", selfInclusion},
	{"view-agreement", viewAgreement},
	{"view-monotonicity", viewMonotonicity},
	{"primary-chain", primaryChain},
	{"same-view-delivery", sameViewDelivery},
	{"virtual-synchrony", virtualSynchrony},
	{"total-order", totalOrder},
	{"gap-freedom", gapFreedom},
	{"fifo-order", fifoOrder},
	{"agreement", func(r *Record) string { return agreement(r, false) }},
	{"uniform-agreement", func(r *Record) string { return agreement(r, true) }},
}

// Liveness is what must hold at the end of a run that was healed and given time.
// Probes are messages whose id begins with "probe".
var Liveness = []Property{
	{"membership-precision", membershipPrecision},
	{"self-delivery", selfDelivery},
	{"probe-delivery", probeDelivery},
}

func integrity(r *Record) string {
	asked := map[string]Ask{}
	for _, a := range r.Asked {
		asked[a.Msg] = a
	}
	for _, m := range r.Members {
		for _, d := range r.Of[m].Deliveries {
			if a, ok := asked[d.Msg]; !ok || a.Failed || a.Member != d.Sender {
				return fmt.Sprintf("%s delivers %s of %s, which that one did not multicast", m, d.Msg, d.Sender)
			}
		}
	}
	return ""
}

func noDuplication(r *Record) string {
	for _, m := range r.Members {
		at := r.Of[m].delivered()
		for i, d := range r.Of[m].Deliveries {
			if at[d.Msg] != i {
				return fmt.Sprintf("%s delivers %s twice", m, d.Msg)
			}
		}
	}
	return ""
}

func viewInstalled(r *Record) string {
	for _, m := range r.Members {
		for _, d := range r.Of[m].Deliveries {
			if d.View != d.In || d.In == "" {
				return fmt.Sprintf("%s delivers %s in view %q while in %q", m, d.Msg, d.View, d.In)
			}
		}
	}
	return ""
}

func selfInclusion(r *Record) string {
	for _, m := range r.Members {
		for _, v := range r.Of[m].Views {
			if !slices.Contains(v.Members, m) {
				return fmt.Sprintf("%s installs view %s %v", m, v.View, v.Members)
			}
		}
	}
	return ""
}

func viewAgreement(r *Record) string {
	lists := map[string]string{}
	for _, m := range r.Members {
		for _, v := range r.Of[m].Views {
			list := strings.Join(v.Members, " ")
			if was, ok := lists[v.View]; ok && was != list {
				return fmt.Sprintf("view %s is [%s] and, at %s, [%s]", v.View, was, m, list)
			}
			lists[v.View] = list
		}
	}
	return ""
}

func viewMonotonicity(r *Record) string {
	for _, p := range r.Members {
		at := map[string]int{}
		for i, v := range r.Of[p].Views {
			if _, twice := at[v.View]; twice {
				return fmt.Sprintf("%s installs view %s twice", p, v.View)
			}
			at[v.View] = i
		}
		for _, q := range r.Members {
			last := -1
			for _, v := range r.Of[q].Views {
				i, shared := at[v.View]
				if shared && i < last {
					return fmt.Sprintf("%s and %s install view %s in another order", p, q, v.View)
				}
				if shared {
					last = i
				}
			}
		}
	}
	return ""
}

func primaryChain(r *Record) string {
	next, prev := map[string]string{}, map[string]string{}
	for _, m := range r.Members {
		vs := r.Of[m].Views
		for i := 1; i < len(vs); i++ {
			a, b := vs[i-1].View, vs[i].View
			if a == b {
				continue // view-monotonicity's concern
			}
			if n, ok := next[a]; ok && n != b {
				return fmt.Sprintf("view %s is followed by %s and, at %s, by %s", a, n, m, b)
			}
			if p, ok := prev[b]; ok && p != a {
				return fmt.Sprintf("view %s follows %s and, at %s, %s", b, p, m, a)
			}
			next[a], prev[b] = b, a
		}
	}
	return ""
}

// sameViewDelivery looks at first deliveries; a second one is no-duplication's
// concern.
func sameViewDelivery(r *Record) string {
	in := map[string]string{}
	for _, m := range r.Members {
		at := r.Of[m].delivered()
		for i, d := range r.Of[m].Deliveries {
			if at[d.Msg] != i {
				continue
			}
			if was, ok := in[d.Msg]; ok && was != d.View {
				return fmt.Sprintf("%s is delivered in view %s and, at %s, in %s", d.Msg, was, m, d.View)
			}
			in[d.Msg] = d.View
		}
	}
	return ""
}

// virtualSynchrony compares sets; a view installed again right away is still the
// same view.
func virtualSynchrony(r *Record) string {
	type passage struct{ from, to string }
	seen := map[passage]string{}
	for _, m := range r.Members {
		h := r.Of[m]
		var msgs []string
		for i := 1; i < len(h.Views); i++ {
			v := h.Views[i-1]
			for _, d := range h.Deliveries[v.From:v.Until] {
				msgs = append(msgs, d.Msg)
			}
			p := passage{v.View, h.Views[i].View}
			if p.from == p.to {
				continue
			}
			slices.Sort(msgs)
			set := strings.Join(slices.Compact(msgs), " ")
			msgs = nil
			if was, ok := seen[p]; ok && was != set {
				return fmt.Sprintf("from view %s to %s with [%s] and, at %s, with [%s]", p.from, p.to, was, m, set)
			}
			seen[p] = set
		}
	}
	return ""
}

func membershipPrecision(r *Record) string {
	live := r.Live()
	slices.Sort(live)
	for _, m := range live {
		vs := r.Of[m].Views
		if len(vs) == 0 {
			return m + " has no view"
		}
		last := vs[len(vs)-1]
		list := slices.Clone(last.Members)
		slices.Sort(list)
		if !slices.Equal(list, live) {
			return fmt.Sprintf("%s ends in view %s %v, alive are %v", m, last.View, last.Members, live)
		}
		if first := r.Of[live[0]].Views; first[len(first)-1].View != last.View {
			return fmt.Sprintf("%s ends in view %s, %s in %s", live[0], first[len(first)-1].View, m, last.View)
		}
	}
	return ""
}

func selfDelivery(r *Record) string {
	for _, a := range r.Asked {
		h := r.Of[a.Member]
		if _, ok := h.delivered()[a.Msg]; !ok && h.Live && !a.Failed {
			return fmt.Sprintf("%s never delivers its own %s", a.Member, a.Msg)
		}
	}
	return ""
}

func probeDelivery(r *Record) string {
	for _, a := range r.Asked {
		if a.Failed || !strings.HasPrefix(a.Msg, "probe") {
			continue
		}
		for _, m := range r.Live() {
			if len(r.Of[m].Views) == 0 {
				continue // never a member
			}
			if _, ok := r.Of[m].delivered()[a.Msg]; !ok {
				return fmt.Sprintf("%s never delivers %s", m, a.Msg)
			}
		}
	}
	return ""
}
