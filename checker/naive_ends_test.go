package checker_test

import (
	"slices"

	"groupy/checker/history"
)

// anyEnd: the event may end a member's life.
func anyEnd(e history.Event) bool {
	return slices.Contains([]history.Type{history.Stop, history.Evict, history.OK}, e.Type)
}

// askedEnd: it may, and somebody asked for it, be it the group.
func askedEnd(e history.Event) bool { return anyEnd(e) && !unasked(e) }

// unasked: a stop for which nobody asked.
func unasked(e history.Event) bool {
	switch {
	case e.Type != history.Stop:
		return false
	case e.How == history.StopDamaged:
		return e.Fault == ""
	case e.How != history.StopExit && e.How != history.StopSignal:
		return false
	case e.Asked == history.StopLeave:
		return e.How == history.StopSignal || *e.Code != 0
	}
	return e.Asked == ""
}

func (n *naive) noUnaskedEnd() bool {
	return every(n.of(history.Stop), func(e history.Event) bool {
		disorderly := (e.How == history.StopExit || e.How == history.StopSignal) && e.Asked == history.StopShutdown
		return !unasked(e) && !disorderly
	})
}
