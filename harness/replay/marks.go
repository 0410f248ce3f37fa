package replay

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"groupy/harness/internal/timing"
	"groupy/node"
	"groupy/node/recording"
)

// How long something took in a real run, by whose doing.

const (
	// slow is what takes so long that it wants a cause.
	slow = 20 * time.Millisecond
	// aftermath is how long after a fault its links may still lose messages, with
	// the connections that are reset and dialled anew.
	aftermath = 500 * time.Millisecond
)

// posted is a message that a process sent to a node.
type posted struct {
	at       time.Duration
	sum      uint64
	received time.Duration // -1: never
}

// observed collects all marks.
func (t *transplant) observed() *timing.Observed {
	o := &timing.Observed{
		Main: t.main.Microseconds(), Rounds: t.rounds(), Links: map[string]string{}, Timers: map[string]string{}, Lines: map[string]string{}, Requests: map[string]string{},
	}
	mail := map[[2]string][]posted{} // by member and node
	for _, member := range t.b.members() {
		p := t.b.processes[member]
		for i, f := range p.Frames {
			for _, e := range f.Effects {
				if e.Kind == recording.EffectSend {
					to, _ := node.SplitMember(e.To)
					line := [2]string{member, to}
					mail[line] = append(mail[line], posted{t.step(p, i), e.Sum, -1})
				}
			}
		}
	}
	for _, member := range t.b.members() {
		t.receive(t.b.processes[member], mail)
	}
	for line, sent := range mail {
		o.Links[line[0]+" "+line[1]] = t.links(line, sent)
	}
	for _, member := range t.b.members() {
		p := t.b.processes[member]
		o.Timers[member] = t.timers(p)
		o.Lines[member] = t.lines(p)
		t.requests(p, o.Requests)
		o.Closed = append(o.Closed, t.closed(p)...)
	}
	slices.SortStableFunc(o.Closed, func(a, b timing.Closed) int { return int(a.At - b.At) })
	return o
}

// rounds are when each node but the first was asked to join, and when the
// operations began that follow the last.
func (t *transplant) rounds() []int64 {
	nodes := t.b.plan.Nodes
	rounds := make([]int64, len(nodes))
	for i, name := range nodes[1:] {
		if p := t.b.processes[node.MemberName(name, 1)]; p != nil {
			for _, a := range p.asked {
				if a.name == node.TypeJoin+" 1" {
					rounds[i] = t.at(a.at).Microseconds()
				}
			}
		}
	}
	for _, op := range t.b.plan.Bootstrap {
		at, was := t.invoked[op.F+" "+string(op.Value)]
		last := &rounds[len(nodes)-1]
		if was && op.AtMicros == int64(len(nodes)-1) && (*last == 0 || at.Microseconds() < *last) {
			*last = at.Microseconds()
		}
	}
	return rounds
}

// receive finds for each message that a process got the one that was sent. Lines
// keep their order, so both are read from the end: among messages that say the
// same, the last that can have been it was it.
func (t *transplant) receive(p *processRecord, mail map[[2]string][]posted) {
	name, _ := node.SplitMember(p.Member)
	next := map[string]int{} // by sender: the place of the last one found
	for i := len(p.Frames) - 1; i >= 0; i-- {
		f := p.Frames[i]
		if f.Kind != recording.InputPeer {
			continue
		}
		from := senderOf(f.Input)
		sent, at, sum := mail[[2]string{from, name}], t.step(p, i), recording.Sum(f.Input)
		end, seen := next[from]
		if !seen {
			end = len(sent)
		}
		if j := lastUnreceived(sent[:end], sum, at); j >= 0 {
			sent[j].received, next[from] = at, j
		} else if j := lastUnreceived(sent, sum, at); j >= 0 { // it was overtaken
			sent[j].received = at
		}
	}
}

func lastUnreceived(sent []posted, sum uint64, by time.Duration) int {
	for j := len(sent) - 1; j >= 0; j-- {
		if sent[j].sum == sum && sent[j].received < 0 && sent[j].at <= by {
			return j
		}
	}
	return -1
}

// senderOf is the member that sent an envelope.
func senderOf(envelope []byte) string {
	var e struct {
		Body struct {
			From string `json:"from"`
		} `json:"body"`
	}
	_ = json.Unmarshal(envelope, &e) // it was read before
	return e.Body.From
}

// links gives the marks of what one process sent to one node.
func (t *transplant) links(line [2]string, sent []posted) string {
	from, _ := node.SplitMember(line[0])
	pair := [2]string{from, line[1]}
	var marks []timing.Mark
	for _, s := range sent {
		m := timing.Mark{Known: s.received >= 0, Lost: s.received < 0, Micros: (s.received - s.at).Microseconds()}
		switch {
		case m.Lost:
			m.Cause = t.loserOf(line[0], pair, s.at)
		case s.received-s.at > slow:
			m.Cause = t.slowedBy(line[1], pair, s.at, s.received)
		}
		marks = append(marks, m)
	}
	return join(marks)
}

// loserOf is the fault that lost a message: one on its link, or the death of its
// sender or of its receiver.
func (t *transplant) loserOf(member string, pair [2]string, at time.Duration) string {
	for _, h := range t.holds {
		if h.line == pair && at >= h.from-slow && at <= h.to+aftermath {
			return h.id
		}
	}
	for _, l := range t.lives {
		if l.member == member && l.killed > 0 {
			return l.cause
		}
	}
	for _, l := range t.lives {
		if l.node == pair[1] && l.killed > 0 && l.began <= at && l.killed >= at-aftermath {
			return l.cause
		}
	}
	return ""
}

// slowedBy is the fault that held a message or its receiver up between two times.
func (t *transplant) slowedBy(name string, pair [2]string, from, to time.Duration) string {
	for _, h := range t.holds {
		if (h.process == name || h.line == pair) && h.from <= to && h.to >= from {
			return h.id
		}
	}
	return ""
}

// setting is a timer that is set and has not run out.
type setting struct {
	number int // of the process's settings
	due    time.Duration
}

// timers gives the marks of a process's settings: how late each ran out. One that
// was due and never did, since it was set anew, taken back or its process ended
// before that, is lost.
func (t *transplant) timers(p *processRecord) string {
	set := map[string]setting{}
	var marks []timing.Mark
	forget := func(id string, at time.Duration, cause string) {
		if s, is := set[id]; is && s.due <= at {
			marks[s.number] = timing.Mark{Lost: true, Cause: cause}
		}
		delete(set, id)
	}
	name, _ := node.SplitMember(p.Member)
	for i, f := range p.Frames {
		at := t.step(p, i)
		if s, is := set[string(f.Input)]; is && f.Kind == recording.InputTimer {
			m := timing.Mark{Known: true, Micros: max(0, at-s.due).Microseconds()}
			if at-s.due > slow {
				m.Cause = t.slowedBy(name, [2]string{}, s.due, at)
			}
			marks[s.number] = m
			delete(set, string(f.Input))
		}
		for _, e := range f.Effects {
			if e.Kind != recording.EffectSet && e.Kind != recording.EffectCancel {
				continue
			}
			if forget(e.To, at, t.slowedBy(name, [2]string{}, at, at)); e.Kind == recording.EffectSet {
				set[e.To] = setting{len(marks), at + time.Duration(e.Sum)*time.Microsecond}
			}
			marks = append(marks, timing.Mark{})
		}
	}
	for _, l := range t.lives {
		if l.member == p.Member && l.killed > 0 {
			for id := range set {
				forget(id, l.killed, l.cause)
			}
		}
	}
	return join(marks)
}

func join(marks []timing.Mark) string {
	var words []string
	for _, m := range marks {
		words = append(words, m.String())
	}
	return strings.Join(words, " ")
}

// lines gives how long the run loop took to read what a process wrote, and to
// hear of its end.
func (t *transplant) lines(p *processRecord) string {
	var marks []timing.Mark
	mark := func(heard, wrote time.Duration) {
		marks = append(marks, timing.Mark{Known: true, Micros: max(0, heard-t.b.tape.First-wrote).Nanoseconds()})
	}
	last := time.Duration(0)
	for i, at := range p.said {
		last = t.step(p, p.frame[i])
		mark(at, last)
	}
	for _, l := range t.lives {
		if l.member == p.Member && l.killed > 0 {
			last = l.killed
			for range p.lines[len(p.said):] { // never read; here its kill comes behind its last step
				mark(last, last)
			}
		}
	}
	for _, e := range t.b.tape.Exits() {
		if node.MemberName(e.Node, e.Incarnation) == p.Member {
			mark(e.At, last)
		}
	}
	return join(marks)
}

// requests gives when a process was asked what, and when it took it up.
func (t *transplant) requests(p *processRecord, into map[string]string) {
	name, _ := node.SplitMember(p.Member)
	for i, a := range p.asked {
		frame := -1 // init comes before the first step
		if i > len(p.heard) {
			return // it died before it read this
		} else if i > 0 {
			frame = p.heard[i-1]
		}
		asked, handled := t.at(a.at), t.step(p, frame)
		m := timing.Mark{Known: true, Micros: max(asked, handled).Microseconds()}
		if handled-asked > slow {
			m.Cause = t.slowedBy(name, [2]string{}, asked, handled)
		}
		into[p.Member+" "+a.name] = timing.Mark{Known: true, Micros: max(asked, 0).Microseconds()}.String() + " " + m.String()
	}
}

// closed gives the connections that a process saw end.
func (t *transplant) closed(p *processRecord) (all []timing.Closed) {
	name, _ := node.SplitMember(p.Member)
	for i, f := range p.Frames {
		if f.Kind != recording.InputClosed {
			continue
		}
		at, other := t.step(p, i), string(f.Input)
		c := timing.Closed{At: at.Microseconds(), Member: p.Member, Node: other}
		for _, h := range t.holds {
			if h.line == [2]string{other, name} && at >= h.from && at <= h.to+aftermath {
				c.Cause = h.id
			}
		}
		for _, l := range slices.Backward(t.lives) { // the last one that had died by then
			if c.Cause == "" && l.node == other && l.killed > 0 && l.killed <= at+slow {
				c.Cause = l.cause
			}
		}
		all = append(all, c)
	}
	return all
}
