package ladder

import (
	"slices"

	"groupy/node/gms"
)

// mailboxLimit is how many messages may wait at one member. The original's
// mailbox has no bound; what arrives beyond this one is lost. A member gets
// there only when it is stuck for good (a gap that nothing fills, gms3), and
// then what is lost would have waited for ever.
const mailboxLimit = 1 << 14

// letter is a message that waits.
type letter struct {
	from    string
	message gms.Message
	number  uint64 // of the letter in its box, from 1
}

// mailbox is Erlang's selective receive: what nothing matches now stays, in
// order of arrival, and is tried again after each change of state.
type mailbox struct {
	letters []letter
	count   uint64 // letters ever put
}

// put keeps a letter, and reports false if there is no room.
func (b *mailbox) put(l letter) bool {
	if len(b.letters) >= mailboxLimit {
		return false
	}
	b.count++
	l.number = b.count
	b.letters = append(b.letters, l)
	return true
}

// remove takes out a letter that was at place i before it was handled. Handling
// it may have changed the box.
func (b *mailbox) remove(i int, l letter) {
	if i >= len(b.letters) || b.letters[i].number != l.number {
		i = slices.IndexFunc(b.letters, func(m letter) bool { return m.number == l.number })
	}
	if i < 0 {
		return
	}
	if i == 0 { // the common case, without moving the rest
		b.letters[0] = letter{}
		b.letters = b.letters[1:]
		return
	}
	b.letters = slices.Delete(b.letters, i, i+1)
}

// dropCasts leaves only requests waiting.
func (b *mailbox) dropCasts() {
	b.letters = slices.DeleteFunc(b.letters, func(l letter) bool {
		_, is := l.message.(cast)
		return is
	})
}

// takeRequests empties the box, and gives the requests that waited in it.
func (b *mailbox) takeRequests() []request {
	var rs []request
	for _, l := range b.letters {
		if r, is := l.message.(request); is {
			rs = append(rs, r)
		}
	}
	b.letters = nil
	return rs
}

// putFirst lets requests wait before everything else.
func (b *mailbox) putFirst(from string, rs []request) {
	var first []letter
	for _, r := range rs {
		b.count++
		first = append(first, letter{from, r, b.count})
	}
	b.letters = append(first, b.letters...)
}

// verdict is what becomes of a message now.
type verdict int

const (
	discard verdict = iota
	take
	wait
)

// receive handles a message at once or lets it wait.
func (g *group) receive(from string, m gms.Message) {
	g.watch.heard(from, m)
	l := letter{from: from, message: m}
	if g.try(l) != wait || g.mutant(swallowEarly) {
		return
	}
	if c, ok := m.(cast); g.keep(l) && ok && g.phase == following {
		g.order.waits(c)
	}
}

// keep lets a message wait, and reports false if it is lost instead.
func (g *group) keep(l letter) bool {
	kept := g.box.put(l)
	if !kept && !g.boxFull {
		g.boxFull = true
		g.logf("mailbox is full at %d messages, further ones are lost", mailboxLimit)
	}
	return kept
}

// reread tries what waits, from the oldest on, and again from there after each
// message that changed the state.
func (g *group) reread() {
	for g.changed {
		g.changed = false
		for i := 0; i < len(g.box.letters) && !g.changed; {
			l := g.box.letters[i]
			if g.try(l) == wait {
				i++
			} else {
				g.box.remove(i, l)
			}
		}
	}
}

// try handles a message, unless it has to wait.
func (g *group) try(l letter) verdict {
	switch m := l.message.(type) {
	case request:
		return g.tryRequest(l.from, m)
	case cast:
		return g.tryCast(l.from, m)
	case heartbeat:
		g.refuse(l.from)
	case heir:
		g.inherit(l.from, m)
	case installed:
		g.confirmed(l.from, m)
	case nack:
		if g.phase == leading || g.phase == retiring {
			g.order.asked(l.from, m)
		}
	}
	return discard
}
