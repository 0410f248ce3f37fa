package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
	"unsafe"
)

// parser reads what AppendJSON wrote. What looks otherwise makes it bad, and
// is for encoding/json to judge. Texts and payloads share one copy of the message.
type parser struct {
	rest  []byte // of the copy
	text  string // the copy again, as a string: nobody changes it
	bad   bool
	names [4]string // origins seen last, so that each is made once
	next  int

	origin string // of the entry before
	seq    int
}

// parseGMS5 is not ok for a message that AppendJSON would have written otherwise
// or left to encoding/json.
func parse(data []byte) (m *Message, ok bool) {
	own := bytes.Clone(data)
	p := parser{rest: own, text: unsafe.String(unsafe.SliceData(own), len(own))}
	m = new(Message)
	p.want(`{"kind":`)
	m.Type = kindOf(p.string())
	m.View = p.optional(`,"view":`)
	m.First = p.optional(`,"first":`)
	if p.has(`,"entries":[`) {
		m.Entries = p.entries()
		p.want(`]`)
	}
	m.N = p.optional(`,"n":`)
	m.Commit = p.optional(`,"commit":`)
	m.Stable = p.optional(`,"stable":`)
	m.At = time.Duration(p.optional(`,"at":`))
	m.Leaving = p.has(`,"leaving":true`)
	if p.has(`,"member":`) {
		m.Member = p.string()
	}
	p.want(`}`)
	return m, !p.bad && len(p.rest) == 0
}

// entries makes room, when there is no more, for as many further ones as the rest
// holds if all are of the last one's size: most are.
func (p *parser) entries() (all []Entry) {
	for more := true; more && !p.bad; more = p.has(`,`) {
		before := len(p.rest)
		e := p.entry()
		if len(all) > 0 && len(all) == cap(all) {
			all = slices.Grow(all, 1+len(p.rest)/(before-len(p.rest)+1))
		}
		all = append(all, e)
	}
	return all
}

func (p *parser) entry() (e Entry) {
	if p.has(`{"msg":`) && p.origin != "" {
		p.seq++
	} else {
		p.want(`{"origin":`)
		p.origin = p.name()
		p.bad = p.bad || p.origin == ""
		p.want(`,"seq":`)
		p.seq = p.int()
		p.want(`,"msg":`)
	}
	e.Origin, e.Seq = p.origin, p.seq
	e.Msg = p.string()
	if p.has(`,"payload":`) {
		n := plain(p.rest)
		p.bad = p.bad || n == 0
		e.Payload = json.RawMessage(p.rest[:n:n])
		p.rest = p.rest[n:]
	}
	p.want(`}`)
	return e
}

func (p *parser) has(text string) bool {
	if len(p.rest) < len(text) || string(p.rest[:len(text)]) != text {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

func (p *parser) want(text string) { p.bad = !p.has(text) || p.bad }

func (p *parser) optional(key string) int {
	if p.has(key) {
		return p.int()
	}
	return 0
}

func (p *parser) int() (n int) {
	digits := digits(p.rest)
	p.bad = p.bad || digits == 0
	for _, c := range p.rest[:digits] {
		n = 10*n + int(c-'0')
	}
	p.rest = p.rest[digits:]
	return n
}

// string is a plain JSON string, as a part of the copy.
func (p *parser) string() string {
	n := 0
	if len(p.rest) > 0 && p.rest[0] == '"' {
		n = plain(p.rest)
	}
	if n == 0 {
		p.bad = true
		return ""
	}
	at := len(p.text) - len(p.rest)
	p.rest = p.rest[n:]
	return p.text[at+1 : at+n-1]
}

// name is string for a text that comes many times in one message, and outlives it
// in tables: made once, and on its own.
func (p *parser) name() string {
	text := p.string()
	for _, known := range p.names {
		if known == text {
			return known
		}
	}
	text = string(append([]byte(nil), text...))
	p.names[p.next%len(p.names)] = text
	p.next++
	return text
}

// kindOf is the constant of that name; an unknown one is as it is.
func kindOf(text string) string {
	for _, kind := range plainKinds {
		if kind == text {
			return kind
		}
	}
	return text
}

// kinds are the kinds that carry nothing but numbers and entries, the
// frequent ones first.
var plainKinds = [...]string{
	Ack, Order, Submit, Heartbeat, Nack, PreVote, PreVoteOK, ViewRequest, Excluded,
	Join, Challenge, Response,
}
