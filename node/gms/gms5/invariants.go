package gms5

import (
	"fmt"
	"maps"
	"slices"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// The invariants of gms5, asserted where they could break, in every run:
//
//	I1 all logs of a view are prefixes of one another
//	I2 all decisions on a view's successor are equal
//	I3 what anyone delivered in a view is a prefix of its final log
//	I4 who promised in a view acknowledges nothing in it
//	I5 a view holds only those that promised for it, and joiners
//	I6 a member is in a contiguous range of views
//	I7 all dedupe tables at a boundary are equal: the fold of the final logs
//	I8 each message is in the final logs once, an origin's numbers without holes
//	I9 a leader commits only what a quorum of its own view acknowledged
//
// must stops the process when one does not hold: a group that lost a member
// goes on, one that lost an invariant lies. A muted core goes on and logs it: a mutant
// of it is there to show that the harness finds the consequences, too.
func (p *primary) must(invariant string, holds bool, format string, args ...any) {
	if !holds {
		p.broke(invariant, format, args...)
	}
}

// broke is must for the busiest paths, where even unused arguments cost.
func (p *primary) broke(invariant, format string, args ...any) {
	text := fmt.Sprintf("gms5 invariant "+invariant+" broken at "+p.self+": "+format, args...)
	if !p.cfg.Muted {
		panic(text)
	}
	p.do(gms.Log{Text: text})
}

// mustFollow is I5 for a value of our own.
func (p *primary) mustFollow(v *wire.Value, promised func(string) bool) {
	for _, m := range v.Members {
		joins := slices.ContainsFunc(p.joiners, func(j joiner) bool { return j.member == m })
		p.must("I5", promised(m) || joins && !p.has(m), "view %d would hold %s, which did not promise", p.view+1, m)
	}
}

// mustEndIn checks a decision against what we did in the view; rest is what
// follows what we delivered.
func (p *primary) mustEndIn(d *wire.Decision, rest []wire.Entry) {
	v := d.Value
	p.must("I3", p.delivered <= v.End() && p.delivered+len(rest) == v.End(),
		"view %d ends after %d places, from %d on; %d were delivered", d.View, v.End(), v.Start, p.delivered)
	first, mine := p.log.after(v.Start, 0)
	mine = mine[:min(max(p.delivered+1-first, 0), len(mine))] // delivered
	for i, e := range v.Log[min(max(first-1-v.Start, 0), len(v.Log)):] {
		if i < len(mine) && !e.Same(mine[i]) {
			p.broke("I3", "place %d of view %d ends as %s, delivered was %s", first+i, d.View, e.Msg, mine[i].Msg)
		}
	}
	p.must("I7", maps.Equal(d.Last, fold(p.last, rest, v.Members)), "the dedupe tables after view %d differ", d.View)
}
