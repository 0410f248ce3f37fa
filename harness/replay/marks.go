package replay

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"groupy/harness/internal/timing"
	"groupy/harness/internal/virtual"
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
	received []time.Duration
}

// observed collects all marks.
func (t *transplant) observed() *timing.Observed {
	o := &timing.Observed{
		Main: t.main.Microseconds(), Proofs: map[string][2]int64{}, Links: map[string]string{}, Timers: map[string]string{}, Lines: map[string]string{}, Requests: map[string]string{},
	}
	o.SetWakes(t.wakes())
	for id, s := range t.faults {
		o.Proofs[id] = [2]int64{s.proven.Microseconds(), s.gone.Microseconds()}
	}
	mail := map[[2]string][]posted{} // by member and node
	for _, member := range t.b.members() {
		p := t.b.processes[member]
		for i, f := range p.Frames {
			for _, e := range f.Effects {
				if e.Kind == recording.EffectSend {
					to, _ := node.SplitMember(e.To)
					line := [2]string{member, to}
					mail[line] = append(mail[line], posted{t.step(p, i), e.Sum, nil})
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

// wakes are when the run loop woke for what was due.
func (t *transplant) wakes() (all []time.Duration) {
	for _, at := range t.b.tape.Wakes() {
		all = append(all, t.at(at))
	}
	return all
}

// receive finds for each message that a process got the one that was sent. Lines
// keep their order, so both are read from the end: among messages that say the
// same, the last that can have been it was it. One that cannot have been sent again
// has come twice.
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
		j := lastSent(sent[:end], sum, at, false)
		if j >= 0 {
			next[from] = j
		} else if j = lastSent(sent, sum, at, false); j < 0 { // it was not overtaken
			j = lastSent(sent, sum, at, true)
		}
		if j >= 0 {
			sent[j].received = append(sent[j].received, at)
		}
	}
}

// rounding is how much earlier than its sending a message may seem to arrive: two
// processes count their microseconds from different moments.
const rounding = 2 * time.Microsecond

// lastSent is the place of the last message that can have arrived by a time; again
// says whether one that has arrived already can have.
func lastSent(sent []posted, sum uint64, by time.Duration, again bool) int {
	for j := len(sent) - 1; j >= 0; j-- {
		if sent[j].sum == sum && (again || sent[j].received == nil) && sent[j].at <= by+rounding {
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
		slices.Sort(s.received)
		m := timing.Mark{Known: len(s.received) > 0, Lost: len(s.received) == 0}
		for i, at := range s.received {
			took := max(0, at-s.at).Microseconds()
			if i == 0 {
				m.Micros = took
			} else {
				m.Again = append(m.Again, took)
			}
		}
		switch {
		case m.Lost:
			m.Cause = t.loserOf(line[0], pair, s.at)
		case m.Again != nil, s.received[0]-s.at > slow:
			m.Cause = t.slowedBy(line[1], pair, s.at, s.received[len(s.received)-1])
		}
		marks = append(marks, m)
	}
	return join(marks)
}

// loserOf is the fault that lost a message: one on its link, or the death of its
// sender or of its receiver.
func (t *transplant) loserOf(member string, pair [2]string, at time.Duration) string {
	for _, h := range t.holds {
		if h.line == pair && at >= h.from-slow && at-aftermath <= h.to {
			return h.id
		}
	}
	receiver := t.life(pair[1], at)
	if receiver != nil && receiver.killed > 0 && receiver.killed <= at+aftermath {
		return receiver.cause
	}
	if sender := t.lifeOf(member); sender != nil && sender.killed > 0 {
		return sender.cause
	}
	if receiver != nil {
		return receiver.cause
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
// was due and did not, since it was set anew, taken back or its process ended before
// that, is later than that.
func (t *transplant) timers(p *processRecord) string {
	set := map[string]setting{}
	var marks []timing.Mark
	forget := func(id string, at time.Duration, cause string) {
		if s, is := set[id]; is && s.due <= at {
			marks[s.number] = timing.Mark{Known: true, Micros: (at - s.due).Microseconds() + 1, Cause: cause}
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
		marks = append(marks, timing.Mark{Known: true, Micros: max(0, heard-wrote).Nanoseconds()})
	}
	last := time.Duration(0)
	for i, at := range p.said {
		last = t.step(p, p.frame[i])
		mark(t.at(at), last)
	}
	for _, l := range t.lives {
		if l.member == p.Member && l.killed > 0 {
			last = l.killed
			for range p.lines[len(p.said):] { // never read
				marks = append(marks, timing.Mark{Lost: true, Cause: l.cause})
			}
		}
	}
	for _, e := range t.b.tape.Exits() {
		if node.MemberName(e.Node, e.Incarnation) == p.Member {
			mark(t.at(e.At), last)
		}
	}
	return join(marks)
}

// requests gives when a process was asked what, and when it took it up; and when it
// was given a signal, and that took hold.
func (t *transplant) requests(p *processRecord, into map[string]string) {
	name, _ := node.SplitMember(p.Member)
	put := func(request string, asked time.Duration, m timing.Mark) {
		into[p.Member+" "+request] = timing.Mark{Known: true, Micros: max(asked, 0).Microseconds()}.String() + " " + m.String()
	}
	life := t.lifeOf(p.Member)
	for i, a := range p.asked {
		frame := -1 // init comes before the first step
		asked := t.at(a.at)
		if i > len(p.heard) { // it died before it read this
			if life != nil && life.gone > 0 {
				put(a.name, asked, timing.Mark{Lost: true, Cause: life.cause})
			}
			continue
		} else if i > 0 {
			frame = p.heard[i-1]
		}
		handled := t.step(p, frame)
		m := timing.Mark{Known: true, Micros: max(asked, handled).Microseconds()}
		if handled-asked > slow {
			m.Cause = t.slowedBy(name, [2]string{}, asked, handled)
		}
		put(a.name, asked, m)
	}
	if life == nil {
		return
	}
	for what, signals := range map[string][]signal{virtual.SignalKill: life.kills, virtual.SignalPause: life.pauses} {
		for i, s := range signals {
			put(fmt.Sprintf("%s %d", what, i+1), s.sent, timing.Mark{Known: true, Micros: s.held.Microseconds()})
		}
	}
}

// lifeOf is a member's process; nil if it was never given its init.
func (t *transplant) lifeOf(member string) *life {
	for _, l := range t.lives {
		if l.member == member {
			return l
		}
	}
	return nil
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
			if h.line == [2]string{other, name} && at >= h.from && at-aftermath <= h.to {
				c.Cause = h.id
			}
		}
		c.Alive = true // unless a process had died by then and none has come after it
		for _, l := range slices.Backward(t.lives) {
			if l.node != other || l.began > at {
				continue
			}
			if c.Cause == "" && l.killed > 0 && l.killed <= at+slow {
				c.Cause = l.cause
			}
			if c.Alive = !t.over(l, at); c.Cause != "" || !c.Alive {
				break
			}
		}
		all = append(all, c)
	}
	return all
}

// over reports whether a process had ended at a time; its end is heard of a little
// later than others see it.
func (t *transplant) over(l *life, at time.Duration) bool {
	return l.killed > 0 && l.killed <= at+slow || l.gone > 0 && l.gone <= at+slow
}
