package checker_test

import (
	"slices"

	"groupy/checker/history"
)

// life is what became of one member's record.
type life struct {
	again  map[int64]bool // events in which it does again what it had done
	broken bool
	owes   bool // something in its last session, which began before the end
}

// lives goes through each member's events by the words of "Started again".
func (n *naive) lives() map[string]life {
	return memo(n, "lives", func() map[string]life {
		all := map[string]life{}
		for _, p := range n.members() {
			all[p] = n.life(p)
		}
		return all
	})
}

func (n *naive) life(p string) life {
	const (
		nothing = iota // is owed
		place          // in the record, by the next install
		rest           // of the record
	)
	l := life{again: map[int64]bool{}}
	var record, due []history.Event // every delivery with its view
	owed := nothing
	current, standing := "", "" // view: of all that it did once; of what it does again
	for _, e := range n.events {
		switch {
		case e.Type == history.Start && e.Member == p:
			if owed = nothing; len(record) > 0 {
				owed = place
			}
			end := n.phase(history.PhaseEnd)
			l.owes = end < 0 || e.Index < end
		case e.Type != history.Stop && n.ends(p, e):
			record, owed = nil, nothing
		case e.Member != p || e.Type != history.View && e.Type != history.Deliver:
		case owed == place && e.After != nil && placeOf(record, e) >= 0:
			l.again[e.Index], standing = true, e.View
			due = record[placeOf(record, e):]
			if owed = rest; len(due) == 0 {
				owed = nothing
			}
		case owed == rest && e.After == nil && sameThing(due[0], in(e, standing)):
			l.again[e.Index] = true
			l.broken = l.broken || !n.sameSaid(due[0], e)
			if e.Type == history.View {
				standing = e.View
			}
			if due = due[1:]; len(due) == 0 {
				owed = nothing
			}
		default: // it is new
			allowed := e.After == nil || len(record) == 0 && *e.After == ""
			l.broken = l.broken || owed != nothing || !allowed
			owed = nothing
			if e.Type == history.View {
				current = e.View
			}
			record = append(record, in(e, current))
		}
	}
	l.owes = l.owes && owed != nothing
	return l
}

// in gives a delivery that names no view the current one.
func in(e history.Event, current string) history.Event {
	if e.View == "" {
		e.View = current
	}
	return e
}

func sameThing(a, b history.Event) bool {
	if a.Type == history.Deliver {
		return b.Type == history.Deliver && a.Msg == b.Msg && a.View == b.View
	}
	return b.Type == history.View && a.View == b.View && slices.Equal(a.Members, b.Members) && a.IsPrimary() == b.IsPrimary()
}

// sameSaid: the same sender and state, where both say one.
func (n *naive) sameSaid(a, b history.Event) bool {
	if n.bare {
		a.Sender, b.Sender = withoutIncarnation(a.Sender), withoutIncarnation(b.Sender)
	}
	return (a.Sender == "" || b.Sender == "" || a.Sender == b.Sender) && (a.State == "" || b.State == "" || a.State == b.State)
}

// placeOf is the last place in a record that an install names: the last delivery
// before it is of the message that the install follows, or none is, and the last
// install before it is the same; -1 if there is none.
func placeOf(record []history.Event, install history.Event) int {
	for place := len(record); place >= 0; place-- {
		message, there := "", false
		for _, e := range record[:place] {
			if e.Type == history.Deliver {
				message = e.Msg
			} else {
				there = sameThing(e, install)
			}
		}
		if there && message == *install.After {
			return place
		}
	}
	return -1
}

// recovery: nothing was done that should not, and who lives owes nothing.
func (n *naive) recovery() bool {
	return every(n.members(), func(p string) bool {
		l := n.lives()[p]
		return !l.broken && (!l.owes || n.unjudgeable() || !n.Live(p))
	})
}
