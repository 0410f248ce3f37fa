package trace

import (
	"fmt"
	"strings"

	"groupy/checker/report"
)

// What a witness's events are in words. Each names an event that stands in the
// history, by its index and line.

func (t *Trace) Witness(at int64, format string, args ...any) report.Witness {
	return report.Witness{Index: at, Line: t.Line(at), Text: fmt.Sprintf(format, args...)}
}

// Delivered is the delivery number i of member q.
func (t *Trace) Delivered(q, i int) report.Witness {
	d := &t.Members[q].Log[i]
	if d.View == None {
		return t.Witness(d.At, "%s delivers %s", t.Name(q), t.Msg(d.Msg))
	}
	return t.Witness(d.At, "%s delivers %s in view %s", t.Name(q), t.Msg(d.Msg), t.View(d.View))
}

// Installed is the install number i of member q.
func (t *Trace) Installed(q, i int) report.Witness {
	in := &t.Members[q].Installs[i]
	kind := "view"
	if !in.Primary {
		kind = "non-primary view"
	}
	return t.Witness(in.At, "%s installs %s %s %s", t.Name(q), kind, t.View(in.View), t.Set(in.List))
}

func (t *Trace) Invoked(msg int32) report.Witness {
	m := &t.Msgs[msg]
	if m.Sender == None {
		return t.Witness(m.InvokedAt, "%s is multicast", m.Name)
	}
	return t.Witness(m.InvokedAt, "%s is asked to multicast %s", t.Name(int(m.Sender)), m.Name)
}

func (t *Trace) Acked(msg int32) report.Witness {
	return t.Witness(t.Msgs[msg].AckedAt, "the multicast of %s is acknowledged", t.Msg(msg))
}

func (t *Trace) Final() report.Witness {
	return t.Witness(t.FinalAt, "the run reaches its final phase")
}

// Name is a member's name.
func (t *Trace) Name(q int) string { return t.Members[q].Name }

func (t *Trace) Msg(m int32) string { return t.Msgs[m].Name }

func (t *Trace) View(v int32) string { return t.Views[v].name }

// Set is a view's list in braces.
func (t *Trace) Set(list int32) string {
	var names []string
	for _, m := range t.Lists[list] {
		names = append(names, t.Name(int(m)))
	}
	return "{" + strings.Join(names, " ") + "}"
}

func (t *Trace) Listed(set []int) string {
	var list []string
	for _, q := range set {
		list = append(list, t.Name(q))
	}
	return strings.Join(list, " ")
}

// LifeOf is the witness that a member lives: its start, if there is one, and final.
func (t *Trace) LifeOf(q int) []report.Witness {
	if at := t.Members[q].StartedAt; at != None {
		return []report.Witness{t.Witness(at, "%s starts", t.Name(q)), t.Final()}
	}
	return []report.Witness{t.Final()}
}
