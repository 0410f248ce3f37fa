package history

import (
	"fmt"
	"strings"
)

// rules are the format's rules that one line alone does not show: events are
// numbered without gaps, invocations pair with completions, and who is observed
// has started.
type rules struct {
	next      int64
	processes map[string]*process
	started   map[string]bool
	// unstarted holds, while no start has been seen, the first line at which each
	// member was observed: a history without any start event is legal.
	unstarted map[string]int
}

// process is a client process: one open invocation at most, none after info.
type process struct {
	open    string // f of the open invocation, "" if there is none
	line    int    // of the open invocation
	retired int    // line of its info, 0 before
}

func (r *rules) init() {
	r.processes = map[string]*process{}
	r.started = map[string]bool{}
	r.unstarted = map[string]int{}
}

// check gives the line and the problem of the rule that e breaks, or "".
func (r *rules) check(e *Event) (line int, problem string) {
	if e.Index != r.next {
		if e.Index < 0 {
			return e.Line, `the event has no "index"; events are numbered 0, 1, 2, …`
		}
		return e.Line, fmt.Sprintf("index %d where %d is due; events are numbered 0, 1, 2, … without gaps, in line order", e.Index, r.next)
	}
	r.next++
	if problem := missing(e); problem != "" {
		return e.Line, problem
	}
	switch e.Type {
	case Invoke, OK, Fail, Info:
		return e.Line, r.pair(e)
	case Start, View, Deliver, Send, Block, Unblock, Evict:
		return r.known(e)
	}
	return 0, ""
}

// missing names a key without which an event of e's type means nothing.
func missing(e *Event) string {
	need := func(key, value string) string {
		if value != "" {
			return ""
		}
		return fmt.Sprintf("%q needs a %q", e.Type, key)
	}
	switch e.Type {
	case "":
		return `the event has no "type"`
	case Start, Stop, View, Evict, Block, Unblock:
		if p := need("member", e.Member); p != "" || e.Type != View {
			return p
		}
		if e.Members == nil {
			return `"view" needs "members"`
		}
		return need("view", e.View)
	case Deliver, Send:
		if p := need("member", e.Member); p != "" {
			return p
		}
		return need("msg", e.Msg)
	case Invoke, OK, Fail, Info:
		if p := need("process", e.Process); p != "" {
			return p
		}
		if p := need("f", e.F); p != "" {
			return p
		}
		if e.Type == Invoke && e.F == "multicast" && (len(e.Value) < 3 || e.Value[0] != '"') {
			return `the value of a multicast must be the message's id, a string`
		}
	case Phase:
		return need("phase", e.Phase)
	}
	return ""
}

func (r *rules) pair(e *Event) string {
	p := r.processes[e.Process]
	if p == nil {
		p = &process{}
		r.processes[e.Process] = p
	}
	switch {
	case p.retired > 0:
		return fmt.Sprintf("process %s is used again after its info on line %d; a new process must take its place", e.Process, p.retired)
	case e.Type == Invoke && p.open != "":
		return fmt.Sprintf("process %s invokes %s while its %s of line %d is open; one process has one open invocation at most", e.Process, e.F, p.open, p.line)
	case e.Type == Invoke:
		p.open, p.line = e.F, e.Line
		return ""
	case p.open == "":
		return fmt.Sprintf("process %s completes %s (%s) without an open invocation", e.Process, e.F, e.Type)
	case p.open != e.F:
		return fmt.Sprintf("process %s completes %s (%s) but its open invocation, on line %d, is %s", e.Process, e.F, e.Type, p.line, p.open)
	}
	p.open = ""
	if e.Type == Info {
		p.retired = e.Line
	}
	return ""
}

// known checks that an observed member has started, in a history that has start
// events.
func (r *rules) known(e *Event) (line int, problem string) {
	if e.Type == Start {
		first := len(r.started) == 0
		r.started[e.Member] = true
		if first && len(r.unstarted) > 0 {
			return r.firstUnstarted()
		}
		return 0, ""
	}
	if r.started[e.Member] {
		return 0, ""
	}
	if len(r.started) > 0 {
		return e.Line, neverStarted(e.Member)
	}
	if _, seen := r.unstarted[e.Member]; !seen {
		r.unstarted[strings.Clone(e.Member)] = e.Line
	}
	return 0, ""
}

func (r *rules) firstUnstarted() (line int, problem string) {
	var member string
	for m, at := range r.unstarted {
		if line == 0 || at < line {
			line, member = at, m
		}
	}
	return line, neverStarted(member)
}

func neverStarted(member string) string {
	return fmt.Sprintf("member %s is observed but has not started; a start event must come first (or leave all start events out)", member)
}
