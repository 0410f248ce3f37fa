package checker

import (
	"fmt"
	"strings"
)

// What a witness's events are in words. Each names an event that stands in the
// history, by its index and line.

func (t *trace) witness(at int64, format string, args ...any) Witness {
	return Witness{Index: at, Line: t.line(at), Text: fmt.Sprintf(format, args...)}
}

// delivered is the delivery number i of member q.
func (t *trace) delivered(q, i int) Witness {
	d := &t.members[q].log[i]
	if d.view == none {
		return t.witness(d.at, "%s delivers %s", t.name(q), t.msg(d.msg))
	}
	return t.witness(d.at, "%s delivers %s in view %s", t.name(q), t.msg(d.msg), t.view(d.view))
}

// installed is the install number i of member q.
func (t *trace) installed(q, i int) Witness {
	in := &t.members[q].installs[i]
	kind := "view"
	if !in.primary {
		kind = "non-primary view"
	}
	return t.witness(in.at, "%s installs %s %s %s", t.name(q), kind, t.view(in.view), t.set(in.list))
}

func (t *trace) invoked(msg int32) Witness {
	m := &t.msgs[msg]
	if m.sender == none {
		return t.witness(m.invokedAt, "%s is multicast", m.name)
	}
	return t.witness(m.invokedAt, "%s is asked to multicast %s", t.name(int(m.sender)), m.name)
}

func (t *trace) acked(msg int32) Witness {
	return t.witness(t.msgs[msg].ackedAt, "the multicast of %s is acknowledged", t.msg(msg))
}

func (t *trace) final() Witness { return t.witness(t.finalAt, "the run reaches its final phase") }

// name is a member's name.
func (t *trace) name(q int) string { return t.members[q].name }

func (t *trace) msg(m int32) string { return t.msgs[m].name }

func (t *trace) view(v int32) string { return t.views[v].name }

// set is a view's list in braces.
func (t *trace) set(list int32) string {
	var names []string
	for _, m := range t.lists[list] {
		names = append(names, t.name(int(m)))
	}
	return "{" + strings.Join(names, " ") + "}"
}
