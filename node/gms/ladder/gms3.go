package ladder

import "groupy/node/gms"

// gms3 adds numbers to what the leader sends to its slaves, and the resend of
// the last cast by a new leader. A slave ignores what is below the number it
// expects and takes what has it; what is above waits for ever, or until the gap
// is filled by chance. It breaks under lost messages (the gap blocks the slave),
// wrong suspicion and split brain (two leaders give the same numbers, and the
// later one's are ignored as old).

func NewGMS3(c gms.Config) gms.Core {
	g := NewGMS2(c).(*group)
	g.order = &numbered{g: g, next: 1}
	return g
}

// numbered is the order of gms3.
type numbered struct {
	unnumbered
	g    *group
	next uint64 // the number expected, or to be given, next; all below were taken
	last cast   // the one taken last; N is 0 if there is none
}

func (o *numbered) stamp(c *cast) { c.N = o.next }

func (o *numbered) judge(c cast) verdict {
	switch {
	case c.N < o.next:
		return discard
	case c.N > o.next && !o.g.mutant(skipHoles):
		return wait
	}
	return take
}

func (o *numbered) taken(c cast) {
	o.next, o.last = c.N+1, c
	if o.g.mutant(joinerAtN) && o.g.phase == joining {
		o.next = c.N
	}
}

// takeover sends the last cast to all slaves: if the dead leader reached some of
// the group with one more, the new leader has it too or nobody who can tell has.
// That holds for one cast in flight, and only where links lose nothing.
func (o *numbered) takeover() {
	if o.last.N == 0 || o.g.mutant(noResend) || o.g.mutant(forgetView) && o.last.Type == kindView {
		return
	}
	slaves := o.g.members[1:]
	o.g.logf("resends %s %d to %d", o.last.Type, o.last.N, len(slaves))
	if o.g.mutant(freshResend) && o.last.Type == kindMsg {
		o.stamp(&o.last)
		o.next++
	}
	if o.g.mutant(resendToOne) && len(slaves) > 1 {
		slaves = slaves[:1]
	}
	for _, m := range slaves {
		o.g.send(m, o.last)
	}
	if o.g.mutant(lastToSelf) && o.last.Type == kindMsg {
		o.g.deliver(o.last)
	}
}

func (o *numbered) reset() { o.next, o.last = 1, cast{} }
