package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A joiner copies the map in parts, each a bounded message, so that a large map
// never holds up the group. It asks one member for the part that begins at a key;
// the request is a multicast, and its place in the order is the part's cut: the
// asked member answers with the entries as they are there, the joiner keeps the
// operations on further keys that come after it, and applies them on top of the
// answer. From then on it follows the keys below, and asks for the next part. Each
// key has a cut of its own; since an operation touches one key only, the parts
// make up the map as of now, and nobody ever holds a snapshot.

// partBytes is about how many bytes of keys and values a part has at most.
var partBytes = 64 << 10 // changed by tests only

// patience is after how many deliveries without an answer a joiner asks somebody
// else: deliveries are its only clock. A request may be lost where the group is
// overloaded or weak.
const patience = 500

// copying is the state of a joiner's copy.
type copying struct {
	others  []string // members of the view, but for this one
	held    string   // all keys before this one are copied
	donor   string   // who was asked last
	request string   // the id of the last request, "" before the first
	cut     bool     // it was delivered
	refused int      // members in a row that had no map to give
	silence int      // deliveries since the request
	missed  []Operation
}

// wireTransfer is the payload of an internal multicast: a request for the part
// from key First on, or the answer to one.
type wireTransfer struct {
	Request string `json:"request,omitempty"`
	Donor   string `json:"donor,omitempty"` // who is to answer
	First   string `json:"first,omitempty"`

	Answer  string  `json:"answer,omitempty"` // the request that is answered
	None    bool    `json:"none,omitempty"`   // the member is copying itself
	Entries []entry `json:"entries,omitempty"`
	More    bool    `json:"more,omitempty"` // there are further keys, and
	Next    string  `json:"next,omitempty"` // this is the first of them
}

// changed is a joiner's view change: whatever was under way may be lost with the
// old view, so it asks again.
func (m *replicatedMap) changed(members []string) Output {
	c := m.copying
	c.others = slices.DeleteFunc(slices.Clone(members), func(name string) bool { return name == m.member })
	c.refused = 0
	if !slices.Contains(c.others, c.donor) {
		return m.askNext()
	}
	return m.ask()
}

// askNext asks the next of the others in turn.
func (m *replicatedMap) askNext() Output {
	c := m.copying
	if len(c.others) == 0 {
		return Output{Logs: []string{"map: nobody is left to copy from"}}
	}
	c.donor = c.others[(slices.Index(c.others, c.donor)+1)%len(c.others)]
	return m.ask()
}

// ask asks the donor for the next part.
func (m *replicatedMap) ask() Output {
	c := m.copying
	m.requests++
	c.request = fmt.Sprintf("%s%s/part/%d", InternalPrefix, m.member, m.requests)
	c.cut, c.silence, c.missed = false, 0, nil
	request := wireTransfer{Request: c.request, Donor: c.donor, First: c.held}
	return Output{
		Casts: []Cast{{c.request, encode(request)}},
		Logs:  []string{fmt.Sprintf("map: asking %s for the keys from %q on", c.donor, c.held)},
	}
}

// delivered counts a message while the map is being copied.
func (m *replicatedMap) delivered() Output {
	if m.copying == nil || m.copying.request == "" {
		return Output{}
	}
	if m.copying.silence++; m.copying.silence < patience {
		return Output{}
	}
	m.copying.refused = 0
	return m.askNext()
}

// missed takes an operation that is delivered while the map is being copied: it
// is due now for a key that is copied, and on top of the next part for others.
func (m *replicatedMap) missed(op Operation) {
	switch c := m.copying; {
	case op.Key < c.held:
		m.apply(op)
	case c.cut:
		c.missed = append(c.missed, op)
	}
}

// transfer takes an internal message.
func (m *replicatedMap) transfer(d Delivery) Output {
	var w wireTransfer
	if err := json.Unmarshal(d.Payload, &w); err != nil {
		return Output{Logs: []string{fmt.Sprintf("map: ignoring %s from %s: %v", d.Msg, d.Sender, err)}}
	}
	c := m.copying
	switch {
	case w.Request != "" && w.Donor == m.member:
		return m.give(w)
	case c == nil:
		return Output{}
	case w.Request != "" && w.Request == c.request:
		c.cut, c.missed = true, nil
		return Output{}
	case w.Answer != "" && w.Answer == c.request && c.cut:
		return m.take(w, d.Sender)
	}
	return m.delivered()
}

// give answers a request at its place in the order.
func (m *replicatedMap) give(w wireTransfer) Output {
	answer := wireTransfer{Answer: w.Request, None: true}
	if m.copying == nil {
		answer.None = false
		answer.Entries, answer.Next, answer.More = m.entries.from(w.First, partBytes)
	}
	id := fmt.Sprintf("%s%s/gives/%s", InternalPrefix, m.member, strings.TrimPrefix(w.Request, InternalPrefix))
	return Output{Casts: []Cast{{id, encode(answer)}}}
}

// take adds a part, catches up with it, and asks for the next one if there is one.
func (m *replicatedMap) take(w wireTransfer, from string) Output {
	c := m.copying
	if w.None {
		if c.refused++; c.refused >= len(c.others) {
			return Output{Logs: []string{"map: no member of this view holds the map; waiting for the next view"}}
		}
		return m.askNext()
	}
	for _, e := range w.Entries {
		m.entries.set(e.Key, e.Value)
	}
	if c.refused = 0; w.More {
		c.held = w.Next
	} else {
		m.copying = nil
	}
	late := 0
	for _, op := range c.missed {
		if !w.More || op.Key < w.Next {
			m.apply(op)
			late++
		}
	}
	if w.More {
		return m.ask()
	}
	return Output{Logs: []string{fmt.Sprintf("map: copied from %s, %d operations caught up, %d keys", from, late, len(m.entries.keys))}}
}
