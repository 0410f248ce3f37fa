package timing

import (
	"fmt"
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
// a fault's id was that fault's doing, and counts only in a plan that has it.
type Observed struct {
	Main int64 `json:"main_us"` // when the main phase began
	// Rounds are when what follows each node's joining was set going, while the
	// group formed; 0: not known.
	Rounds []int64 `json:"rounds_us,omitempty"`
	// Links are the messages of a process to a node, by «n1.1 n2»: how long each
	// was on its way until the receiver handled it.
	Links map[string]string `json:"links,omitempty"`
	// Timers are the settings of a process's timers, cancellations too: how late
	// each ran out.
	Timers map[string]string `json:"timers,omitempty"`
	// Lines are what a process wrote to the harness, and its end behind them: how
	// long each took to be read, in nanoseconds, since many are read in one
	// microsecond and their order counts.
	Lines map[string]string `json:"lines,omitempty"`
	// Requests are by process and request («n1.1 m17», «n1.1 join 1»): when it was
	// asked, and when it was handled.
	Requests map[string]string `json:"requests,omitempty"`
	// Closed are the connections that a process saw end. Virtual worlds have none,
	// so that only what is listed here is heard.
	Closed []Closed `json:"closed,omitempty"`
}

// Closed is the end of a node's connection as one process saw it.
type Closed struct {
	At     int64  `json:"at_us"`
	Member string `json:"member"` // who saw it
	Node   string `json:"node"`   // whose connection it was
	Cause  string `json:"cause,omitempty"`
}

// Mark is what was observed of one message, timer or request.
type Mark struct {
	Micros int64
	Known  bool
	Lost   bool
	Cause  string // id of the fault that did it; "": none
}

// String writes the mark as a plan holds it.
func (m Mark) String() string {
	text := "-"
	switch {
	case m.Lost:
		text = "x"
	case m.Known:
		text = strconv.FormatInt(m.Micros, 10)
	}
	if m.Cause != "" {
		text += "~" + m.Cause
	}
	return text
}

func parseMark(text string) (m Mark, err error) {
	text, m.Cause, _ = strings.Cut(text, "~")
	switch text {
	case "-":
	case "x":
		m.Lost = true
	default:
		m.Known = true
		if m.Micros, err = strconv.ParseInt(text, 10, 64); err != nil || m.Micros < 0 {
			return m, fmt.Errorf("%q is no mark: give microseconds, x for lost or - for not known", text)
		}
	}
	return m, nil
}

// Timing is what a virtual world follows of an Observed.
type Timing struct {
	Links    map[string][]Mark
	Timers   map[string][]Mark
	Lines    map[string][]Mark
	requests map[string][2]time.Duration
	Closed   []Closed
}

// Timing gives what counts in a plan with these faults. An error names the entry
// that cannot be read.
func (o *Observed) Timing(faults []string) (*Timing, error) {
	if o == nil {
		return nil, nil
	}
	here := map[string]bool{"": true}
	for _, id := range faults {
		here[id] = true
	}
	t := &Timing{Links: map[string][]Mark{}, Timers: map[string][]Mark{}, Lines: map[string][]Mark{}, requests: map[string][2]time.Duration{}}
	for _, part := range []struct {
		from map[string]string
		to   map[string][]Mark
	}{{o.Links, t.Links}, {o.Timers, t.Timers}, {o.Lines, t.Lines}, {o.Requests, nil}} {
		for key, text := range part.from {
			marks, err := parseMarks(text, here)
			if err != nil {
				return nil, fmt.Errorf("observed, %s: %w", key, err)
			}
			if part.to != nil {
				part.to[key] = marks
			} else if len(marks) == 2 && marks[0].Known && marks[1].Known {
				t.requests[key] = [2]time.Duration{Micros(marks[0]), Micros(marks[1])}
			}
		}
	}
	for _, c := range o.Closed {
		if here[c.Cause] {
			t.Closed = append(t.Closed, c)
		}
	}
	return t, nil
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

func Micros(m Mark) time.Duration { return time.Duration(m.Micros) * time.Microsecond }

// Nth gives the n-th mark of a list, from 1.
func Nth(marks []Mark, n uint64) Mark {
	if n == 0 || n > uint64(len(marks)) {
		return Mark{}
	}
	return marks[n-1]
}

// drift is how far a virtual run may be from the observed one for its times to
// be followed to the letter; beyond it only durations are.
const drift = time.Second

// Handled is when a request that is asked now will be handled, or byDefault if
// nothing is known of it. Times, not durations, are kept where they can be: so
// what the run loop is faster in does not add up.
func (t *Timing) Handled(member, request string, now, byDefault time.Duration) time.Duration {
	if t == nil {
		return byDefault
	}
	seen, known := t.requests[member+" "+request]
	if !known {
		return byDefault
	}
	took := seen[1] - seen[0]
	if seen[1] > now+took+drift {
		return max(now+took, byDefault)
	}
	return max(seen[1], byDefault)
}
