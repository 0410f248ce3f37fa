package gmstest

import (
	"fmt"
	"maps"
	"slices"
)

// totalOrder looks for a cycle among "is delivered right before", over all
// members. A message delivered again after another one is a cycle, too.
func totalOrder(r *Record) string {
	next, blocked := map[string][]string{}, map[string]int{}
	for _, m := range r.Members {
		before := ""
		for _, d := range r.Of[m].Deliveries {
			blocked[d.Msg] += 0
			if before != "" && before != d.Msg {
				next[before] = append(next[before], d.Msg)
				blocked[d.Msg]++
			}
			before = d.Msg
		}
	}
	var free []string
	for _, msg := range slices.Sorted(maps.Keys(blocked)) {
		if blocked[msg] == 0 {
			free = append(free, msg)
		}
	}
	ordered := 0
	for ; len(free) > 0; ordered++ {
		msg := free[0]
		free = free[1:]
		for _, n := range next[msg] {
			if blocked[n]--; blocked[n] == 0 {
				free = append(free, n)
			}
		}
	}
	if ordered < len(blocked) {
		return fmt.Sprintf("no order fits %d of %d messages", len(blocked)-ordered, len(blocked))
	}
	return ""
}

// gapFreedom compares what each two members deliver between the first and the
// last message that both deliver.
func gapFreedom(r *Record) string {
	for i, p := range r.Members {
		for _, q := range r.Members[i+1:] {
			hp, hq := r.Of[p], r.Of[q]
			if gap := gapBetween(hp, hq); gap != "" {
				return fmt.Sprintf("%s delivers %s, %s does not", p, gap, q)
			}
			if gap := gapBetween(hq, hp); gap != "" {
				return fmt.Sprintf("%s delivers %s, %s does not", q, gap, p)
			}
		}
	}
	return ""
}

// gapBetween gives a message that p delivers between two shared ones, and q
// never.
func gapBetween(p, q *History) string {
	at, gap, shared := q.delivered(), "", false
	for _, d := range p.Deliveries {
		_, both := at[d.Msg]
		switch {
		case both && gap != "":
			return gap
		case both:
			shared = true
		case shared && gap == "":
			gap = d.Msg
		}
	}
	return ""
}

// fifoOrder checks the order alone: what one sender was asked to send earlier is
// not delivered later.
func fifoOrder(r *Record) string {
	number := map[string]int{}
	for i, a := range r.Asked {
		number[a.Msg] = i
	}
	for _, m := range r.Members {
		last := map[string]int{}
		for _, d := range r.Of[m].Deliveries {
			if n, ok := last[d.Sender]; ok && number[d.Msg] < n {
				return fmt.Sprintf("%s delivers %s of %s after %s", m, d.Msg, d.Sender, r.Asked[n].Msg)
			}
			last[d.Sender] = number[d.Msg]
		}
	}
	return ""
}

// agreement: what is delivered in a view by a member that survives it (uniform:
// by any member) is delivered by every member that survives it.
func agreement(r *Record, uniform bool) string {
	must := map[string]map[string]string{} // view, message: who delivered it
	for _, m := range r.Members {
		h := r.Of[m]
		for _, v := range h.Views {
			if !uniform && !h.survives(v) {
				continue
			}
			for _, d := range h.Deliveries[v.From:v.Until] {
				if must[v.View] == nil {
					must[v.View] = map[string]string{}
				}
				must[v.View][d.Msg] = m
			}
		}
	}
	for _, m := range r.Members {
		h := r.Of[m]
		got := h.delivered()
		for _, v := range h.Views {
			if !h.survives(v) {
				continue
			}
			for _, msg := range slices.Sorted(maps.Keys(must[v.View])) {
				if _, ok := got[msg]; !ok {
					return fmt.Sprintf("%s delivers %s in view %s, %s survives that view and never does", must[v.View][msg], msg, v.View, m)
				}
			}
		}
	}
	return ""
}
