package virtual

import (
	"fmt"
	"reflect"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
	"groupy/node"
)

// What a virtual world does to follow an observed run.

// RequestName names a request of a process in an Observed: a multicast by its
// message, which no other has; any other by its type and its number, which
// counted keeps.
func RequestName(body any, counted map[string]int) string {
	kind := ""
	switch b := body.(type) {
	case *node.Multicast:
		return b.Msg
	case *node.Init:
		return node.TypeInit
	case *node.Join:
		kind = node.TypeJoin
	case *node.Leave:
		kind = node.TypeLeave
	case *node.Shutdown:
		kind = node.TypeShutdown
	default:
		kind = reflect.TypeOf(body).String()
	}
	counted[kind]++
	return fmt.Sprintf("%s %d", kind, counted[kind])
}

// follow does with a message what was observed of it, and reports whether that
// is done. What a rule would make of it by chance is known already: a message
// that arrived passes by the rules, and one that was lost goes into them, so that
// they count it, and is lost behind them if not in them.
func (n *network) follow(l *virtualLine, m *mail, mark timing.Mark) (done bool) {
	if mark.Lost {
		m.lost = true
		return false
	}
	m.notBefore = n.w.now + timing.Micros(mark)
	rule := n.table.Effective(l.from, l.to)
	if !rule.Cut && rule.Drop == 0 && rule.Duplicate == 0 && rule.Reorder == 0 {
		return false
	}
	n.hold(l, m)
	return true
}

// arrived hands on a message that has come through, at its time.
func (n *network) arrived(l *virtualLine, m *mail) {
	switch {
	case m.lost:
	case m.notBefore > n.w.now:
		n.hold(l, m)
	default:
		n.w.give(m.to, input{src: l.from, peer: m})
	}
}

// hold keeps a message until it is to be handled.
func (n *network) hold(l *virtualLine, m *mail) {
	n.w.future.add(m.notBefore, l.key.At(uint64(m.notBefore)).Uint64(), func(time.Duration) {
		n.w.give(m.to, input{src: l.from, peer: m})
	})
}

// tell gives the run loop an event of a process: at once, or when it was read in
// an observed run. The lines of a process keep their order, and its end comes
// behind them.
func (w *Virtual) tell(n *virtualNode, e world.Event) {
	if w.config.Timing == nil {
		w.events = append(w.events, e)
		return
	}
	n.told++
	mark := timing.Nth(w.config.Timing.Lines[node.MemberName(n.name, n.incarnation)], n.told)
	n.heard = max(w.now+time.Duration(mark.Micros), n.heard+1)
	if n.heard <= w.now {
		n.heard = w.now + 1
	}
	w.future.add(n.heard, w.key.With("told").With(n.name).At(uint64(n.heard)).Uint64(), func(time.Duration) {
		w.events = append(w.events, e)
	})
}

// followClosed plans the ends of connections that were observed. One that was no
// fault's doing is heard only if that node's process is gone here, too.
func (w *Virtual) followClosed() {
	if w.config.Timing == nil {
		return
	}
	for i, c := range w.config.Timing.Closed {
		at := time.Duration(c.At) * time.Microsecond
		w.future.add(at, w.key.With("closed").At(uint64(i)).Uint64(), func(time.Duration) {
			name, incarnation := node.SplitMember(c.Member)
			n, other := w.nodes[name], w.nodes[c.Node]
			if n == nil || other == nil || n.incarnation != incarnation || c.Cause == "" && other.actor != nil {
				return
			}
			w.give(n, input{closed: c.Node})
		})
	}
}
