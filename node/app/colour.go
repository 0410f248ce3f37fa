package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"groupy/node"
	"groupy/node/draw"
)

// colour is the worker of the original Groupy: an RGB colour that a change by N
// turns and shifts, {R, G, B} -> {G, B, (R+N) mod 256}. Changes do not commute,
// so equal colours mean equal orders.
//
// The member whose first view holds nobody else created the group and starts
// with black. Everyone else transfers the state through the group: it multicasts
// a request, skips everything until the request comes back, keeps what follows,
// takes the first answer, and applies what it kept. The request's place in the
// total order is the cut: what is before it is in the answer, what is after it
// is in the queue.
//
// The original waits for ever if everybody who could answer dies. Here an
// unanswered request is logged and repeated on each further view.
type colour struct {
	member string
	synced bool
	rgb    [3]uint8

	// While not synced: requests is how many were sent; cut maps each that came
	// back to its place in queue, the changes kept since the first one.
	requests int
	cut      map[string]int
	queue    []uint8
	seen     bool // a view was installed
}

// wireState is the payload of an internal multicast. Exactly one of Request and
// Answer is given: the id of a request, or the id that is answered and the colour
// at that request's place.
type wireState struct {
	Request string   `json:"request,omitempty"`
	Answer  string   `json:"answer,omitempty"`
	Colour  [3]uint8 `json:"colour"`
}

func newColour(s Setup) App { return &colour{member: s.Member, cut: map[string]int{}} }

func (c *colour) View(members []string) Output { return c.told(c.view(members)) }

func (c *colour) Deliver(d Delivery) Output { return c.told(c.deliver(d)) }

// told adds the state, if there is one yet.
func (c *colour) told(out Output) Output {
	if c.synced {
		out.State = c.String()
	}
	return out
}

func (c *colour) view(members []string) Output {
	first := !c.seen
	c.seen = true
	if c.synced {
		return Output{}
	}
	if first && len(members) == 1 {
		c.synced = true
		return Output{Logs: []string{"colour: created the group, starting with " + c.String()}}
	}
	return c.request(members)
}

// request asks the group for its colour, for the first time or again.
func (c *colour) request(members []string) Output {
	c.requests++
	id := c.id("request", c.requests)
	text := "colour: asking the group for its state"
	if c.requests > 1 {
		text = fmt.Sprintf("colour: no state after %d requests, asking %s again", c.requests-1, strings.Join(members, " "))
	}
	return Output{Casts: []Cast{{id, encode(wireState{Request: id})}}, Logs: []string{text}}
}

func (c *colour) deliver(d Delivery) Output {
	if Internal(d.Msg) {
		return c.transfer(d)
	}
	n := change(d)
	if !c.synced {
		if len(c.cut) > 0 {
			c.queue = append(c.queue, n)
		}
		return Output{}
	}
	c.apply(n)
	return Output{}
}

// transfer is the state transfer's half of deliver.
func (c *colour) transfer(d Delivery) Output {
	var w wireState
	if err := json.Unmarshal(d.Payload, &w); err != nil {
		return Output{Logs: []string{fmt.Sprintf("colour: ignoring %s from %s: %v", d.Msg, d.Sender, err)}}
	}
	mine := d.Sender == c.member
	switch {
	case w.Request != "" && c.synced && !mine:
		answer := wireState{Answer: w.Request, Colour: c.rgb}
		id := c.id("answer", strings.TrimPrefix(w.Request, InternalPrefix))
		return Output{Casts: []Cast{{id, encode(answer)}}}
	case w.Request != "" && mine && !c.synced:
		c.cut[w.Request] = len(c.queue)
	case w.Answer != "" && !c.synced:
		return c.take(w, d.Sender)
	}
	return Output{}
}

// take begins with the colour of an answer, if it answers this member, and
// catches up with what was delivered since the request's place.
func (c *colour) take(w wireState, from string) Output {
	cut, ours := c.cut[w.Answer]
	if !ours {
		return Output{}
	}
	c.synced, c.rgb = true, w.Colour
	for _, n := range c.queue[cut:] {
		c.apply(n)
	}
	text := fmt.Sprintf("colour: state from %s, %d changes caught up, now %s", from, len(c.queue)-cut, c)
	c.queue, c.cut = nil, nil
	return Output{Logs: []string{text}}
}

func (c *colour) apply(n uint8) { c.rgb = [3]uint8{c.rgb[1], c.rgb[2], c.rgb[0] + n} }

// String is the colour as HTML writes it, #rrggbb.
func (c *colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.rgb[0], c.rgb[1], c.rgb[2]) }

// id is unique in the run: the member is, and what and which are within it.
func (c *colour) id(what string, which any) string {
	return fmt.Sprintf("%s%s/%s/%v", InternalPrefix, c.member, what, which)
}

// change is the N of a client's message: the payload if it is an integer, modulo
// 256, else one that is drawn from the message's id, the same at every member.
func change(d Delivery) uint8 {
	var n int64
	if len(d.Payload) > 0 && json.Unmarshal(d.Payload, &n) == nil && string(d.Payload) != "null" {
		return uint8(n) // two's complement: also right for negative numbers
	}
	return uint8(draw.New("change").With(d.Msg).Uint64())
}

// encode is a payload of our own.
func encode(v any) json.RawMessage {
	raw, err := node.Encode(v)
	if err != nil {
		panic(fmt.Sprintf("app: a payload that JSON cannot express: %v", err))
	}
	return raw
}
