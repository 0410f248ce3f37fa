package link

import (
	"slices"
	"sync"
	"time"

	"groupy/node/draw"
)

// Table is what all lines between the nodes do at this moment: the rules that
// faults hold on them, the triggers, and what has been counted. Its methods may
// be called from several goroutines and never block.
type Table struct {
	mu    sync.Mutex
	key   draw.Key
	index map[[2]string]*line
	lines []*line // in the order of their first use, so that every run walks them alike
	gates []*gate
	// byTime: chances hang on the moment at which a message was sent.
	byTime bool
}

// NewTable is a table without rules. All chances of its rules are drawn from
// seed.
func NewTable(seed draw.Key) *Table {
	return &Table{key: seed.With("link"), index: map[[2]string]*line{}}
}

// NewVirtualTable is a table for a network whose time is part of what a seed
// repeats. There a message's chances hang on when it was sent, and not on how
// many went before it, so that a message more or less changes nothing for others.
func NewVirtualTable(seed draw.Key) *Table {
	t := NewTable(seed)
	t.byTime = true
	return t
}

// line is one directed pair of nodes.
type line struct {
	from, to string
	holds    []*hold
	cut      bool          // one of holds cuts
	free     time.Duration // when the throttle will have let pass all that was sent
	streams  []*Stream     // in the order of opening
	count    tally
}

// hold is the rule of one fault on one line.
type hold struct {
	id   string
	rule Rule
	key  draw.Key
	seen uint64 // messages since the rule was set
}

// line is called with t.mu held.
func (t *Table) line(from, to string) *line {
	pair := [2]string{from, to}
	l := t.index[pair]
	if l == nil {
		l = &line{from: from, to: to}
		t.index[pair] = l
		t.lines = append(t.lines, l)
	}
	return l
}

// SetRule puts the rule of the fault id on the line from → to, beside those of
// other faults; a second one of the same fault replaces the first. A cut loses
// what is in flight. It holds for every message sent after SetRule returned.
func (t *Table) SetRule(id, from, to string, r Rule) {
	t.mu.Lock()
	l := t.line(from, to)
	if i := slices.IndexFunc(l.holds, func(h *hold) bool { return h.id == id }); i >= 0 {
		l.holds[i].rule = r
	} else {
		l.holds = append(l.holds, &hold{id: id, rule: r, key: t.key.With(id).With(from).With(to)})
	}
	l.cut = slices.ContainsFunc(l.holds, func(h *hold) bool { return h.rule.Cut })
	for _, s := range l.streams {
		if l.cut {
			s.lose()
		}
		s.update()
	}
	changed := l.changed()
	t.mu.Unlock()
	call(changed)
}

// ClearRules takes back all rules of the fault id; unknown ids are no error.
// What other faults hold stays. What waited only because of the cleared rules
// leaves at once, in order; streams that a cut made lossy are Broken from here.
func (t *Table) ClearRules(id string, now time.Duration) {
	t.mu.Lock()
	var changed []func()
	for _, l := range t.lines {
		i := slices.IndexFunc(l.holds, func(h *hold) bool { return h.id == id })
		if i < 0 {
			continue
		}
		l.holds = slices.Delete(l.holds, i, i+1)
		l.cut = slices.ContainsFunc(l.holds, func(h *hold) bool { return h.rule.Cut })
		l.hurry(now)
		changed = append(changed, l.changed()...)
	}
	t.mu.Unlock()
	call(changed)
}

// hurry brings the due times of what is in flight down to what the remaining
// rules ask for. A remaining throttle keeps its queue.
func (l *line) hurry(now time.Duration) {
	r := l.effective()
	if r.BytesPerSec == 0 {
		l.free = 0
	}
	for _, s := range l.streams {
		if r.BytesPerSec == 0 {
			s.hurry(now + r.Delay + r.Jitter)
		}
		s.update()
	}
}

// Effective is what all faults together do on the line from → to.
func (t *Table) Effective(from, to string) Rule {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line(from, to).effective()
}

func (l *line) effective() Rule {
	var r Rule
	for _, h := range l.holds {
		r = Merge(r, h.rule)
	}
	return r
}

// Counters is what the line from → to has counted since the run began.
func (t *Table) Counters(from, to string) Counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line(from, to).count.read()
}

// changed lists the callbacks of the line's streams. They are called without the
// lock, so that they may use the streams.
func (l *line) changed() []func() {
	var out []func()
	for _, s := range l.streams {
		if s.changed != nil {
			out = append(out, s.changed)
		}
	}
	return out
}

func call(all []func()) {
	for _, f := range all {
		f()
	}
}
