package link

import (
	"slices"
	"strings"
	"time"
)

// Gate is a trigger: it stops what From sends at the first whole message that
// holds Token, on each of its lines for itself. To the receivers in Pass this
// message still goes, to all others not; what comes before it always arrives,
// what comes behind it is held. On a line that has not seen such a message,
// everything is held from the moment that the last of Pass was let through, and
// goes on after all if such a message still turns up behind it. So what the
// receivers get is what they would get from a sender that died after its last
// message to Pass, however the machine schedules sender and lines.
type Gate struct {
	ID    string
	From  string
	Token string   // found where no letter, digit or _ is next to it; AnyFrame: every message holds it
	Pass  []string // receivers; empty: the gate fires as soon as a message matches
	// First has Pass be the receiver of the first message that matches.
	First bool
	// Skip is how many messages that match each line lets go before the one that counts.
	Skip int
}

// AnyFrame is the token that every message holds.
const AnyFrame = "*"

// gate is a Gate at work.
type gate struct {
	Gate
	fire    func()
	stops   map[string]stop // by receiver: the first matching message that counts
	skipped map[string]int  // by receiver: matching messages before it
	through []string        // of Pass: those whose message was let through
	reached []string        // of Pass: those whose message was handed on
	full    bool            // all of Pass are in through
	fired   bool
}

// stop is the place of the first matching message of a line.
type stop struct {
	stream *Stream
	num    uint64
}

// Arm sets a trigger. fire is called once, when the matching message was handed
// on to the last of Pass; it must not block. The gate holds until Release.
func (t *Table) Arm(g Gate, fire func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	armed := &gate{Gate: g, fire: fire, stops: map[string]stop{}, skipped: map[string]int{}}
	t.gates = append(t.gates, armed)
	for _, l := range t.lines {
		if l.from != g.From {
			continue
		}
		for _, s := range l.streams {
			s.gates = append(s.gates, armed)
			s.update()
		}
	}
}

// Release takes a trigger back; an unknown id is no error. What it held goes on
// in order, or, with lose, is lost: then the sender must be dead, and each of
// its streams loses its part when it has finished, so that what is still on its
// way from the dead sender is treated alike. Streams opened later are those of
// its next incarnation and go free.
func (t *Table) Release(id string, lose bool, now time.Duration) {
	t.mu.Lock()
	var changed []func()
	i := slices.IndexFunc(t.gates, func(g *gate) bool { return g.ID == id })
	if i >= 0 {
		g := t.gates[i]
		t.gates = slices.Delete(t.gates, i, i+1)
		for _, l := range t.lines {
			if l.from != g.From {
				continue
			}
			for _, s := range l.streams {
				s.release(g, lose, now)
			}
			changed = append(changed, l.changed()...)
		}
	}
	t.mu.Unlock()
	call(changed)
}

// release lets go of what a gate held in the stream, or loses it.
func (s *Stream) release(g *gate, lose bool, now time.Duration) {
	if lose && !s.finished {
		s.doomed = append(s.doomed, g)
		return
	}
	if lose {
		s.forfeit([]*gate{g})
	} else {
		s.gates = without(s.gates, g)
	}
	s.drain(now)
	s.update()
}

// forfeit loses what the gates hold, but for the connection's end, and forgets
// the gates.
func (s *Stream) forfeit(gates []*gate) {
	for _, g := range gates {
		var kept []*item
		for _, it := range s.held {
			if it.kind == end || !g.holds(s, it) {
				kept = append(kept, it)
				continue
			}
			s.backlog -= it.frame.Size()
			s.line.count.lost.Add(1)
		}
		s.held = kept
		s.gates = without(s.gates, g)
	}
}

// without is a copy of gates without g.
func without(gates []*gate, g *gate) []*gate {
	return slices.DeleteFunc(slices.Clone(gates), func(o *gate) bool { return o == g })
}

// see looks whether a new message is where its line stops.
func (g *gate) see(s *Stream, it *item) (fire bool) {
	if _, found := g.stops[s.line.to]; found || it.kind != Whole || g.Token != AnyFrame && !holdsToken(it.frame.Bytes(), g.Token) {
		return false
	}
	if g.skipped[s.line.to] < g.Skip {
		g.skipped[s.line.to]++
		return false
	}
	if g.First && len(g.stops) == 0 {
		g.Pass = []string{s.line.to}
	}
	g.stops[s.line.to] = stop{s, it.num}
	if len(g.Pass) > 0 || g.fired {
		return false
	}
	g.full, g.fired = true, true
	return true
}

// holds reports whether the message has to wait for the gate's release.
func (g *gate) holds(s *Stream, it *item) bool {
	at, found := g.stops[s.line.to]
	switch {
	case !found:
		return g.full
	case at.stream != s: // another connection of the same line
		return true
	case it.num == at.num:
		return !slices.Contains(g.Pass, s.line.to)
	}
	return it.num > at.num
}

// let notes that the message goes on its way, and reports whether it is one
// that the gate waits for.
func (g *gate) let(s *Stream, it *item) bool {
	if at, found := g.stops[s.line.to]; !found || at != (stop{s, it.num}) {
		return false
	}
	g.through = append(g.through, s.line.to)
	g.full = len(g.through) == len(g.Pass)
	return true
}

// missed notes that a rule lost the message at which the line stops: the gate
// waits for the next one.
func (g *gate) missed(s *Stream, it *item) {
	if at, found := g.stops[s.line.to]; !found || at != (stop{s, it.num}) {
		return
	}
	delete(g.stops, s.line.to)
	for _, later := range s.held {
		g.see(s, later)
	}
}

// handed notes that the awaited message was handed on to to, and reports
// whether it was the last of them.
func (g *gate) handed(to string) (fire bool) {
	if slices.Contains(g.reached, to) {
		return false
	}
	g.reached = append(g.reached, to)
	if g.fired || len(g.reached) < len(g.Pass) {
		return false
	}
	g.fired = true
	return true
}

// holdsToken reports whether text holds the token with no letter, digit or _
// next to it: m1 is not in m12.
func holdsToken(text []byte, token string) bool {
	s := string(text)
	for from := 0; ; {
		i := strings.Index(s[from:], token)
		if i < 0 || token == "" {
			return false
		}
		start, end := from+i, from+i+len(token)
		if (start == 0 || !wordByte(s[start-1])) && (end == len(s) || !wordByte(s[end])) {
			return true
		}
		from = start + 1
	}
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
