package tape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"groupy/harness/internal/world"
	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/node"
	"groupy/node/journal"
)

// ErrTapeEnds is what Next gives when all that was taped has happened.
var ErrTapeEnds = errors.New("the tape ends here")

// Tape is what a Taped world wrote.
type Tape struct {
	Kind    string
	Began   int64         // microseconds of Unix time when Now was 0
	First   time.Duration // Now when the tape began
	events  []tapeEntry
	answers map[string][]tapeEntry // by question
}

// ReadTape reads a tape. One that was cut off by its harness's death ends there.
func ReadTape(path string) (*Tape, error) {
	in, err := journal.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	t := &Tape{answers: map[string][]tapeEntry{}}
	for {
		body, offset, err := in.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, journal.ErrTorn):
			if t.Kind == "" {
				return nil, fmt.Errorf("%s: no whole frame: not even the header was written", path)
			}
			return t, nil
		case err != nil:
			return nil, err
		}
		if err := t.add(body); err != nil {
			return nil, fmt.Errorf("%s: frame at offset %d: %w", path, offset, err)
		}
	}
}

// Exit is the end of a process when the run loop heard of it.
type Exit struct {
	At time.Duration
	world.Exited
}

// Exits are the ends of processes that the run loop has heard of.
func (t *Tape) Exits() (all []Exit) {
	for _, e := range t.events {
		if e.Event == tapedExited {
			all = append(all, Exit{time.Duration(e.At), e.exited()})
		}
	}
	return all
}

// Wakes are when the run loop woke without having heard of a process.
func (t *Tape) Wakes() (all []time.Duration) {
	for _, e := range t.events {
		if e.Event != tapedSaid && e.Event != tapedExited {
			all = append(all, time.Duration(e.At))
		}
	}
	return all
}

func (e tapeEntry) exited() world.Exited {
	return world.Exited{
		Node: e.Node, Incarnation: e.Incarnation, Code: e.Code, Signal: e.Text, Words: world.Words{Cause: e.Cause, Last: e.Last},
	}
}

func (t *Tape) add(body []byte) error {
	var e tapeEntry
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	switch {
	case t.Kind == "":
		if e.Format != tapeFormat || e.Kind == "" {
			return fmt.Errorf("the format is %q; this version reads %q", e.Format, tapeFormat)
		}
		t.Kind, t.Began, t.First = e.Kind, e.Began, time.Duration(e.At)
	case e.Asked != "":
		t.answers[e.Asked] = append(t.answers[e.Asked], e)
	default:
		t.events = append(t.events, e)
	}
	return nil
}

// Doing is something that a run loop does to its world.
type Doing struct {
	At   time.Duration
	What string // start, send, kill, pause, resume, rule, clear, reset, arm, release, comment
	Node string // a rule's and a reset's sender
	To   string // a rule's and a reset's receiver
	ID   string // a fault's, or the comment
	Rule link.Rule
	Src  string // of a request
	Body any    // of a request
}

var _ world.World = (*Replayed)(nil)

// Replayed is a world in which everything happens as a tape has it.
type Replayed struct {
	tape  *Tape
	said  func(at time.Duration, node string, incarnation int) (world.Said, error)
	do    func(Doing)
	now   time.Duration
	next  int // of tape.events
	calls map[string]int
	place map[string]int // in tape.answers
}

// NewReplayed opens the world of a tape. said gives the lines of a process, one
// after the other; do learns what the run loop does.
func NewReplayed(t *Tape, said func(at time.Duration, node string, incarnation int) (world.Said, error), do func(Doing)) *Replayed {
	return &Replayed{tape: t, said: said, do: do, now: t.First, calls: map[string]int{}, place: map[string]int{}}
}

func (w *Replayed) Kind() string { return w.tape.Kind }

func (w *Replayed) Now() time.Duration { return w.now }

func (w *Replayed) Ready() bool { return true }

func (w *Replayed) Next(ctx context.Context, _ time.Duration) (world.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if w.next == len(w.tape.events) {
		return nil, ErrTapeEnds
	}
	e := w.tape.events[w.next]
	w.next++
	w.now = time.Duration(e.At)
	switch e.Event {
	case tapedNothing:
		return nil, nil
	case tapedSaid:
		return w.said(w.now, e.Node, e.Incarnation)
	case tapedGarbled:
		return world.Garbled{Node: e.Node, Incarnation: e.Incarnation, Line: e.Text, Err: errors.New(e.Error), Lost: e.Lost}, nil
	case tapedExited:
		return e.exited(), nil
	case tapedSprung:
		return world.Sprung{ID: e.Text}, nil
	}
	return nil, fmt.Errorf("tape: there is no event %q", e.Event)
}

// taped gives the answer that a question had at its present call.
func taped[T any](w *Replayed, question string) (answer T) {
	w.calls[question]++
	all := w.tape.answers[question]
	i := w.place[question]
	for i < len(all) && all[i].Call <= w.calls[question] {
		i++
	}
	w.place[question] = i
	if i > 0 {
		if err := json.Unmarshal(all[i-1].Answer, &answer); err != nil {
			panic("world: a tape's answer to " + question + ": " + err.Error()) // its checksum was right
		}
	}
	return answer
}

func tapedError(w *Replayed, question string) error {
	if why := taped[string](w, question); why != "" {
		return errors.New(why)
	}
	return nil
}

func (w *Replayed) did(d Doing) {
	d.At = w.now
	if w.do != nil {
		w.do(d)
	}
}

func (w *Replayed) Init(name string, _ int) node.Init { return taped[node.Init](w, "init "+name) }

func (w *Replayed) Start(name string, _ int) (int, error) {
	w.did(Doing{What: "start", Node: name})
	s := taped[started](w, "start "+name)
	if s.Error != "" {
		return s.PID, errors.New(s.Error)
	}
	return s.PID, nil
}

func (w *Replayed) Send(name, src string, body any) error {
	err := tapedError(w, "send "+name)
	if err == nil {
		w.did(Doing{What: "send", Node: name, Src: src, Body: body})
	}
	return err
}

func (w *Replayed) Kill(name string) error {
	w.did(Doing{What: "kill", Node: name})
	return tapedError(w, "kill "+name)
}

func (w *Replayed) Pause(name string) error {
	w.did(Doing{What: "pause", Node: name})
	return tapedError(w, "pause "+name)
}

func (w *Replayed) Resume(name string) error {
	w.did(Doing{What: "resume", Node: name})
	return tapedError(w, "resume "+name)
}

func (w *Replayed) Paused(name string) bool { return taped[bool](w, "paused "+name) }

func (w *Replayed) Links() nemesis.Links { return replayedLinks{w} }

// Disks: what is recorded has none of its own.
func (w *Replayed) Disks() nemesis.Disks { return nemesis.PlainDisks{} }

func (w *Replayed) Close() error { return nil }

type replayedLinks struct{ w *Replayed }

func (l replayedLinks) SetRule(id, from, to string, r link.Rule) {
	l.w.did(Doing{What: "rule", ID: id, Node: from, To: to, Rule: r})
}

func (l replayedLinks) ClearRules(id string) { l.w.did(Doing{What: "clear", ID: id}) }

func (l replayedLinks) Counters(from, to string) link.Counters {
	return taped[link.Counters](l.w, "counters "+from+" "+to)
}

func (l replayedLinks) ResetLink(from, to string) { l.w.did(Doing{What: "reset", Node: from, To: to}) }

func (l replayedLinks) Arm(g link.Gate) error {
	l.w.did(Doing{What: "arm", ID: g.ID, Node: g.From})
	return tapedError(l.w, "arm "+g.ID)
}

func (l replayedLinks) Release(id string, _ bool) { l.w.did(Doing{What: "release", ID: id}) }

func (l replayedLinks) Comment(text string) { l.w.did(Doing{What: "comment", ID: text}) }
