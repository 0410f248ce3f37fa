package tape

import (
	"bufio"
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

// Taped is a world that writes down all that the run loop learns of it: in which
// order events came and when, and what was answered to its questions. Together
// with the recordings of the nodes, which hold what the lines said, that is the
// whole run: a Replayed world answers a second run loop the same.
var _ world.World = (*Taped)(nil)

// For that, time goes on only in Next, as in a virtual world: all that the run
// loop does between two events happens at one time.
type Taped struct {
	world.World
	out     io.Closer
	buffer  *bufio.Writer
	journal *journal.Writer
	now     time.Duration
	calls   map[string]int    // questions so far, by what was asked
	last    map[string]string // their last answer
}

// tapeFormat is what a tape of this version says of itself.
const tapeFormat = "groupy-tape/1"

// tapeEntry is a frame of a tape: the header, what a Next gave, or an answer.
type tapeEntry struct {
	Format string `json:"format,omitempty"`        // the header, and no other entry
	Kind   string `json:"kind,omitempty"`          // the header: World.Kind
	Began  int64  `json:"began_unix_us,omitempty"` // the header: when Now was 0, by the machine's clock

	At          int64  `json:"at,omitempty"` // Now, nanoseconds; header and Next
	Event       string `json:"event,omitempty"`
	Node        string `json:"node,omitempty"`
	Incarnation int    `json:"incarnation,omitempty"`
	Text        string `json:"text,omitempty"` // a garbled line, a signal, a gate's id
	Error       string `json:"error,omitempty"`
	Lost        bool   `json:"lost,omitempty"` // a garbled line that was not read
	Code        int    `json:"code,omitempty"`
	// Of an exited: what its log had to say (world.Words).
	Cause string   `json:"cause,omitempty"`
	Last  []string `json:"last,omitempty"`

	// Asked is a question and Call its number; the answer holds from then on.
	Asked  string          `json:"asked,omitempty"`
	Call   int             `json:"call,omitempty"`
	Answer json.RawMessage `json:"answer,omitempty"`
}

// What a Next gave.
const (
	tapedNothing = "nothing"
	tapedSaid    = "said"
	tapedGarbled = "garbled"
	tapedExited  = "exited"
	tapedSprung  = "sprung"
)

// NewTaped has a world's tape written to out, which Close closes, also after an
// error. now is the time on the machine's clock.
func NewTaped(w world.World, out io.WriteCloser, now time.Time) (*Taped, error) {
	t := &Taped{World: w, out: out, buffer: bufio.NewWriter(out), now: w.Now(), calls: map[string]int{}, last: map[string]string{}}
	t.journal = journal.NewWriter(t.buffer)
	return t, t.write(tapeEntry{
		Format: tapeFormat, Kind: w.Kind(), Began: now.Add(-t.now).UnixMicro(), At: t.now.Nanoseconds(),
	})
}

func (t *Taped) write(e tapeEntry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("tape: %w", err)
	}
	return t.journal.Append(func(buf []byte) []byte { return append(buf, body...) })
}

// Now implements World: the time of the last event.
func (t *Taped) Now() time.Duration { return t.now }

// Ready implements World. The run loop is about to wait if it is false, and what
// is known goes to the file first.
func (t *Taped) Ready() bool {
	ready := t.World.Ready()
	if !ready {
		_ = t.buffer.Flush() // the error stays, and comes with the next write
	}
	return ready
}

func (t *Taped) Next(ctx context.Context, deadline time.Duration) (world.Event, error) {
	e, err := t.World.Next(ctx, deadline)
	if err != nil {
		return nil, errors.Join(err, t.buffer.Flush())
	}
	t.now = t.World.Now()
	entry := tapeEntry{At: t.now.Nanoseconds(), Event: tapedNothing}
	switch e := e.(type) {
	case world.Said: // what it said is in the node's recording
		entry.Event, entry.Node, entry.Incarnation = tapedSaid, e.Node, e.Incarnation
	case world.Garbled:
		entry.Event, entry.Node, entry.Incarnation = tapedGarbled, e.Node, e.Incarnation
		entry.Text, entry.Error, entry.Lost = e.Line, e.Err.Error(), e.Lost
	case world.Exited:
		entry.Event, entry.Node, entry.Incarnation = tapedExited, e.Node, e.Incarnation
		entry.Text, entry.Code = e.Signal, e.Code
		entry.Cause, entry.Last = e.Words.Cause, e.Words.Last
	case world.Sprung:
		entry.Event, entry.Text = tapedSprung, e.ID
	}
	return e, t.write(entry)
}

// answered writes down the answer to a question, unless it is the one of last
// time; the first one is compared with the zero value. A tape that cannot be
// written fails the next Next.
func answered[T any](t *Taped, question string, answer T) T {
	t.calls[question]++
	last, any := t.last[question]
	if !any {
		var zero T
		last = text(zero)
	}
	if now := text(answer); now != last {
		t.last[question] = now
		_ = t.write(tapeEntry{Asked: question, Call: t.calls[question], Answer: json.RawMessage(now)})
	}
	return answer
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("world: an answer cannot be encoded: " + err.Error()) // values of this package only
	}
	return string(b)
}

// failed is answered for an error; nil is the empty text.
func failed(t *Taped, question string, err error) error {
	why := ""
	if err != nil {
		why = err.Error()
	}
	answered(t, question, why)
	return err
}

// started is the answer to Start.
type started struct {
	PID   int    `json:"pid"`
	Error string `json:"error,omitempty"`
}

func (t *Taped) Init(name string, incarnation int) node.Init {
	return answered(t, "init "+name, t.World.Init(name, incarnation))
}

func (t *Taped) Start(name string, incarnation int) (int, error) {
	pid, err := t.World.Start(name, incarnation)
	s := started{PID: pid}
	if err != nil {
		s.Error = err.Error()
	}
	answered(t, "start "+name, s)
	return pid, err
}

func (t *Taped) Send(name, src string, body any) error {
	return failed(t, "send "+name, t.World.Send(name, src, body))
}

func (t *Taped) Kill(name string) error { return failed(t, "kill "+name, t.World.Kill(name)) }

func (t *Taped) Pause(name string) error { return failed(t, "pause "+name, t.World.Pause(name)) }

func (t *Taped) Resume(name string) error { return failed(t, "resume "+name, t.World.Resume(name)) }

func (t *Taped) Paused(name string) bool { return answered(t, "paused "+name, t.World.Paused(name)) }

func (t *Taped) Links() nemesis.Links { return tapedLinks{t.World.Links(), t} }

func (t *Taped) Close() error { return errors.Join(t.World.Close(), t.buffer.Flush(), t.out.Close()) }

type tapedLinks struct {
	nemesis.Links
	t *Taped
}

func (l tapedLinks) Counters(from, to string) link.Counters {
	return answered(l.t, "counters "+from+" "+to, l.Links.Counters(from, to))
}

func (l tapedLinks) Arm(g link.Gate) error { return failed(l.t, "arm "+g.ID, l.Links.Arm(g)) }
