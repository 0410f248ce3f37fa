package timing

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Observed is when things reached the nodes of a run that was recorded on real
// sockets, for a virtual world to follow. Times are microseconds since the world
// began, or durations in microseconds. What a run has beyond the observed one is
// as in any virtual world: a message that is not listed takes a latency by
// chance.
//
// Links, Timers and Lines hold a mark for each message, setting or line, in order,
// with blanks between: a duration, x for lost, or - for not known. A mark that ends in ~ and
// a fault's id was that fault's doing, and counts only in a plan that has it; a loss
// only about the time at which it holds there.
type Observed struct {
	Main int64 `json:"main_us"` // when the main phase began
	// Wakes are when the run loop woke without having heard of a process, in
	// nanoseconds, each since the one before: what was due by then it did then.
	Wakes string `json:"wakes,omitempty"`
	// Rounds are what plans of older versions have in the place of Wakes: when each
	// node's joining was followed by the next; 0: not known.
	Rounds []int64 `json:"rounds_us,omitempty"`
	// Proofs are by fault's id when it was shown to hold, and to be undone; 0: never.
	Proofs map[string][2]int64 `json:"proofs_us,omitempty"`
	// Links are the messages of a process to a node, by «n1.1 n2»: how long each
	// was on its way until the receiver handled it. One that came several times has
	// all its durations, with + between.
	Links map[string]string `json:"links,omitempty"`
	// Timers are the settings of a process's timers, cancellations too: how late
	// each ran out.
	Timers map[string]string `json:"timers,omitempty"`
	// Lines are what a process wrote to the harness, and its end behind them: how
	// long each took to be read, in nanoseconds, since many are read in one
	// microsecond and their order counts.
	Lines map[string]string `json:"lines,omitempty"`
	// Requests are by process and request («n1.1 m17», «n1.1 join 1») or signal
	// («n1.1 pause 1»): when it was asked, and when it was handled or took hold.
	Requests map[string]string `json:"requests,omitempty"`
	// Closed are the connections that a process saw end. Virtual worlds have none,
	// so that only what is listed here is heard.
	Closed []Closed `json:"closed,omitempty"`
}

// Explained is the same without the losses that were no fault's doing. In a plan that
// has less in it than the observed run they would take other messages, and no network
// of ours loses any by itself.
func (o *Observed) Explained() *Observed {
	explained := *o
	for _, part := range []*map[string]string{&explained.Links, &explained.Requests} {
		kept := map[string]string{}
		for key, text := range *part {
			words := strings.Fields(text)
			for i, word := range words {
				if word == "x" {
					words[i] = "-"
				}
			}
			kept[key] = strings.Join(words, " ")
		}
		*part = kept
	}
	return &explained
}

// Closed is the end of a node's connection as one process saw it.
type Closed struct {
	At     int64  `json:"at_us"`
	Member string `json:"member"` // who saw it
	Node   string `json:"node"`   // whose connection it was
	Cause  string `json:"cause,omitempty"`
	Alive  bool   `json:"alive,omitempty"` // a process of that node ran all the same
}

// Mark is what was observed of one message, timer or request.
type Mark struct {
	Micros int64
	Known  bool
	Lost   bool
	Again  []int64 // of a message that came several times: the other durations
	Cause  string  // id of the fault that did it; "": none
}

// String writes the mark as a plan holds it.
func (m Mark) String() string {
	text := "-"
	switch {
	case m.Lost:
		text = "x"
	case m.Known:
		text = strconv.FormatInt(m.Micros, 10)
		for _, again := range m.Again {
			text += "+" + strconv.FormatInt(again, 10)
		}
	}
	if m.Cause != "" {
		text += "~" + m.Cause
	}
	return text
}

// Arrivals are how long a message was on its way, each time that it came.
func (m Mark) Arrivals() (all []time.Duration) {
	if m.Known {
		all = append(all, Micros(m.Micros))
		for _, again := range m.Again {
			all = append(all, Micros(again))
		}
	}
	return all
}

func parseMark(text string) (m Mark, err error) {
	text, m.Cause, _ = strings.Cut(text, "~")
	switch text {
	case "-":
	case "x":
		m.Lost = true
	default:
		m.Known = true
		for i, word := range strings.Split(text, "+") {
			n, err := strconv.ParseInt(word, 10, 64)
			if err != nil || n < 0 {
				return m, fmt.Errorf("%q is no mark: give microseconds, x for lost or - for not known", text)
			}
			if i == 0 {
				m.Micros = n
			} else {
				m.Again = append(m.Again, n)
			}
		}
	}
	return m, nil
}

// Timing is what a virtual world follows of an Observed.
type Timing struct {
	Links    map[string][]Mark
	timers   map[string][]Mark
	lines    map[string][]Mark
	requests map[string][2]time.Duration
	Closed   []Closed
	woke     []time.Duration // in order
	reigns   map[string]Reign
}

// Reign is from when to when a fault of the plan holds.
type Reign struct{ From, To time.Duration }

// Fate is what becomes of the n-th message of a line, from 1, that is sent now. It is
// lost by a fault's doing only about the time at which that fault holds: a plan that
// has less in it than the observed run counts other messages.
func (t *Timing) Fate(line []Mark, n uint64, now time.Duration) Mark {
	m := nth(line, n)
	if r := t.reigns[m.Cause]; m.Lost && m.Cause != "" && (now < r.From-drift || now-drift > r.To) {
		return Mark{}
	}
	return m
}

// Late is how much too late the n-th timer of a process, from 1, runs out, and false
// if it never does.
func (t *Timing) Late(member string, n uint64) (late time.Duration, ever bool) {
	m := nth(t.timers[member], n)
	return Micros(m.Micros), !m.Lost
}

// Heard is after how long the n-th line of a process, from 1, is read, and false if it
// never is.
func (t *Timing) Heard(member string, n uint64) (after time.Duration, ever bool) {
	m := nth(t.lines[member], n)
	return time.Duration(m.Micros), !m.Lost
}

// Timing gives what counts in a plan with these faults. An error names the entry
// that cannot be read.
func (o *Observed) Timing(faults map[string]Reign) (*Timing, error) {
	if o == nil {
		return nil, nil
	}
	here := map[string]bool{"": true}
	for id := range faults {
		here[id] = true
	}
	t := &Timing{
		Links: map[string][]Mark{}, timers: map[string][]Mark{}, lines: map[string][]Mark{},
		requests: map[string][2]time.Duration{}, reigns: faults,
	}
	for _, part := range []struct {
		from map[string]string
		to   map[string][]Mark
	}{{o.Links, t.Links}, {o.Timers, t.timers}, {o.Lines, t.lines}, {o.Requests, nil}} {
		for key, text := range part.from {
			marks, err := parseMarks(text, here)
			if err != nil {
				return nil, fmt.Errorf("observed, %s: %w", key, err)
			}
			if part.to != nil {
				part.to[key] = marks
			} else if len(marks) == 2 && marks[0].Known && (marks[1].Known || marks[1].Lost) {
				seen := [2]time.Duration{Micros(marks[0].Micros), Micros(marks[1].Micros)}
				if marks[1].Lost {
					seen[1] = Never
				}
				t.requests[key] = seen
			}
		}
	}
	for _, c := range o.Closed {
		if here[c.Cause] {
			t.Closed = append(t.Closed, c)
		}
	}
	var err error
	t.woke, err = o.woke()
	return t, err
}

// woke are the times at which the run loop woke.
func (o *Observed) woke() (all []time.Duration, err error) {
	if o.Wakes == "" {
		for _, round := range append(slices.Clone(o.Rounds), o.Main) {
			if round > 0 {
				all = append(all, Micros(round))
			}
		}
		slices.Sort(all)
		return all, nil
	}
	at := time.Duration(0)
	for word := range strings.FieldsSeq(o.Wakes) {
		since, err := strconv.ParseInt(word, 10, 64)
		if err != nil || since < 0 {
			return nil, fmt.Errorf("observed, wakes: %q is no number of nanoseconds", word)
		}
		at += time.Duration(since)
		all = append(all, at)
	}
	return all, nil
}

// SetWakes writes down when the run loop woke, in order.
func (o *Observed) SetWakes(all []time.Duration) {
	var text []byte
	last := time.Duration(0)
	for _, at := range all {
		if len(text) > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, int64(at-last), 10)
		last = at
	}
	o.Wakes = string(text)
}

// Wakes is when a run loop wakes that waits until a time: then, or as late as the
// observed one did.
func (t *Timing) Wakes(until time.Duration) time.Duration {
	if t == nil {
		return until
	}
	i, _ := slices.BinarySearch(t.woke, until)
	if i == len(t.woke) || t.woke[i] > until+drift {
		return until
	}
	return t.woke[i]
}

// parseMarks reads a list of marks. Those of faults that are not here are not
// known.
func parseMarks(text string, here map[string]bool) ([]Mark, error) {
	var marks []Mark
	for _, word := range strings.Fields(text) {
		m, err := parseMark(word)
		if err != nil {
			return nil, err
		}
		if !here[m.Cause] {
			m = Mark{}
		}
		marks = append(marks, m)
	}
	return marks, nil
}

func Micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// nth gives the n-th mark of a list, from 1.
func nth(marks []Mark, n uint64) Mark {
	if n == 0 || n > uint64(len(marks)) {
		return Mark{}
	}
	return marks[n-1]
}

// drift is how far a virtual run may be from the observed one for its times to
// be followed to the letter; beyond it only durations are.
const drift = time.Second

// Never is later than any time of a run: when what did not happen happened.
const Never = time.Duration(math.MaxInt64)

// Handled is when a request that is asked now will be handled, or byDefault if
// nothing is known of it. Times, not durations, are kept where they can be: so
// what the run loop is faster in does not add up.
func (t *Timing) Handled(member, request string, now, byDefault time.Duration) time.Duration {
	if t == nil {
		return byDefault
	}
	seen, known := t.requests[member+" "+request]
	took := seen[1] - seen[0]
	switch {
	case !known:
		return byDefault
	case seen[1] == Never:
		return Never
	case seen[1] > now+took+drift:
		return max(now+took, byDefault)
	case seen[1] >= now:
		return seen[1]
	}
	return byDefault
}
