package report

import (
	"encoding/json"

	"groupy/checker/history"
)

// Kinds of rows in a script. The page's model.js has the same list.
const (
	rowDeliver = iota // member, msg, sender, view, state
	rowView           // member, view, primary, how many, members…
	rowStart          // node, member
	rowStop           // node, member, how
	rowInvoke         // process, node, f, msg
	rowDone           // process, outcome: 0 ok, 1 failed, 2 unknown
	rowSend           // member, msg, view
	rowFault          // id, name, phase: 0 begin, 1 end, 2 skip; how many nodes, nodes…; how many pairs, from, to, …; 1: they are cut
	rowPhase          // name
	rowEvict          // member, reason
	rowBlock          // member, 1: begins, 0: ends
)

// Script is a piece of a history in the form that pages read: each row is its
// kind, the lines and the microseconds since the row before, and what the kind
// has. A name stands for itself in Names once, and in rows as its place over all
// scripts of an encoder, from 1; 0 is none.
type Script struct {
	Names []string `json:"names"`
	Rows  []int64  `json:"rows"`
}

// Encoder turns a history into scripts: one for a page that is drawn, one after
// the other for a page that follows a run. The zero value is ready.
type Encoder struct {
	known  map[string]int64
	script Script
	line   int
	micros int64
}

// Take gives what was added since the last call.
func (c *Encoder) Take() Script {
	s := c.script
	c.script = Script{}
	if s.Names == nil {
		s.Names = []string{}
	}
	if s.Rows == nil {
		s.Rows = []int64{}
	}
	return s
}

// Add takes one event. Those of a type that no page draws are left out.
func (c *Encoder) Add(e *history.Event) {
	switch e.Type {
	case history.Deliver:
		c.row(e, rowDeliver, c.name(e.Member), c.name(e.Msg), c.name(e.Sender), c.name(e.View), c.name(e.State))
	case history.View:
		c.row(e, rowView, c.name(e.Member), c.name(e.View), flag(e.IsPrimary()), int64(len(e.Members)))
		c.more(e.Members...)
	case history.Start:
		c.row(e, rowStart, c.name(e.Node), c.name(e.Member))
	case history.Stop:
		c.row(e, rowStop, c.name(e.Node), c.name(e.Member), c.name(e.How))
	case history.Invoke:
		c.row(e, rowInvoke, c.name(e.Process), c.name(e.Node), c.name(e.F), c.name(message(e)))
	case history.OK, history.Fail, history.Info:
		c.row(e, rowDone, c.name(e.Process), outcomes[e.Type])
	case history.Send:
		c.row(e, rowSend, c.name(e.Member), c.name(e.Msg), c.name(e.View))
	case history.Fault:
		c.fault(e)
	case history.Phase:
		c.row(e, rowPhase, c.name(e.Phase))
	case history.Evict:
		c.row(e, rowEvict, c.name(e.Member), c.name(e.Reason))
	case history.Block, history.Unblock:
		c.row(e, rowBlock, c.name(e.Member), flag(e.Type == history.Block))
	}
}

var outcomes = map[history.Type]int64{history.OK: 0, history.Fail: 1, history.Info: 2}

func (c *Encoder) row(e *history.Event, kind int64, fields ...int64) {
	micros := e.Time / 1000
	c.script.Rows = append(c.script.Rows, kind, int64(e.Line-c.line), micros-c.micros)
	c.script.Rows = append(c.script.Rows, fields...)
	c.line, c.micros = e.Line, micros
}

func (c *Encoder) more(names ...string) {
	for _, n := range names {
		c.script.Rows = append(c.script.Rows, c.name(n))
	}
}

func (c *Encoder) fault(e *history.Event) {
	phase := map[string]int64{history.FaultBegin: 0, history.FaultEnd: 1, history.FaultSkip: 2}[e.Phase]
	nodes, links, cuts := faultReach(e)
	c.row(e, rowFault, c.name(e.ID), c.name(e.Fault), phase, int64(len(nodes)))
	c.more(nodes...)
	c.script.Rows = append(c.script.Rows, int64(len(links)))
	for _, pair := range links {
		c.more(pair[:]...)
	}
	c.script.Rows = append(c.script.Rows, flag(cuts))
}

func (c *Encoder) name(text string) int64 {
	if text == "" {
		return 0
	}
	if c.known == nil {
		c.known = map[string]int64{}
	}
	n, ok := c.known[text]
	if !ok {
		n = int64(len(c.known) + 1)
		c.known[text] = n
		c.script.Names = append(c.script.Names, text)
	}
	return n
}

// message is what an operation sends through the group, if that is known.
func message(e *history.Event) string {
	if e.Msg != "" || e.F != "multicast" {
		return e.Msg
	}
	var msg string
	if json.Unmarshal(e.Value, &msg) != nil {
		return ""
	}
	return msg
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
