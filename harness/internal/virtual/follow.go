package virtual

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/world"
	"groupy/node"
)

// What a virtual world does to follow an observed run.

// The signals that an Observed tells of, as requests of a process.
const (
	SignalKill  = "kill"
	SignalPause = "pause"
)

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

// follow hands a message on when it was handled in the observed run, to whoever
// runs there then, past all rules: what they did to it is known. What they have to
// count goes through the simulated network in its place; nil if that would have
// to lose what arrived.
func (n *network) follow(l *virtualLine, m *mail, mark timing.Mark) (instead *mail) {
	for _, took := range mark.Arrivals() {
		at := n.w.now + took
		n.w.future.add(at, l.key.At(uint64(at)).Uint64(), func(time.Duration) {
			n.w.give(n.w.nodes[l.to], input{src: l.from, peer: m})
		})
	}
	if mark.Known && n.table.Effective(l.from, l.to).Cut {
		return nil
	}
	ghost := *m
	ghost.fate = &mark
	return &ghost
}

// tell gives the run loop an event of a process: at once, or when it was read in
// an observed run, if it was. The lines of a process keep their order, and its end
// comes behind them.
func (w *Virtual) tell(n *virtualNode, e world.Event) {
	if w.config.Timing == nil {
		w.reach(n, e)
		return
	}
	n.told++
	after, ever := w.config.Timing.Heard(node.MemberName(n.name, n.incarnation), n.told)
	if !ever {
		return
	}
	n.heard = max(w.now+after, n.heard+1)
	if n.heard <= w.now {
		n.heard = w.now + 1
	}
	w.future.add(n.heard, w.key.With("told").With(n.name).At(uint64(n.heard)).Uint64(), func(time.Duration) { w.reach(n, e) })
}

func (w *Virtual) reach(n *virtualNode, e world.Event) {
	w.events = append(w.events, e)
	if _, ended := e.(world.Exited); ended {
		n.unheard = false
	}
}

// followClosed plans the ends of connections that were observed. One that was no
// fault's doing, of a process that was gone, is heard only if it is gone here, too.
func (w *Virtual) followClosed() {
	if w.config.Timing == nil {
		return
	}
	for i, c := range w.config.Timing.Closed {
		at := time.Duration(c.At) * time.Microsecond
		w.future.add(at, w.key.With("closed").At(uint64(i)).Uint64(), func(time.Duration) {
			name, incarnation := node.SplitMember(c.Member)
			n, other := w.nodes[name], w.nodes[c.Node]
			if n == nil || other == nil || n.incarnation != incarnation || c.Cause == "" && !c.Alive && other.actor != nil {
				return
			}
			w.give(n, input{closed: c.Node})
		})
	}
}

// takesHold does what a signal does to a process: at once, or where an observed run
// is followed when it did then, which is behind all that the process still did.
func (w *Virtual) takesHold(n *virtualNode, signal string, do func() error) error {
	at, take := w.now, func() error {
		if n.actor == nil {
			return nil
		}
		return do()
	}
	if t := w.config.Timing; t != nil {
		n.requests[signal]++
		at = t.Handled(node.MemberName(n.name, n.incarnation), fmt.Sprintf("%s %d", signal, n.requests[signal]), w.now, w.now)
	}
	if at <= w.now {
		return take()
	}
	w.future.add(at, w.key.With(signal).With(n.name).At(uint64(at)).Uint64(), func(time.Duration) {
		if w.nodes[n.name] == n {
			w.broken = errors.Join(w.broken, take())
		}
	})
	return nil
}
