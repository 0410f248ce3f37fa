package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"groupy/node"
	"groupy/node/machine"
)

// Frame is one step of a recorded machine: what it was given, when, and what it
// asked for.
type Frame struct {
	Now     time.Duration // of the step; whole microseconds, and more than in the frame before
	Kind    InputKind
	Input   []byte // as it came: a line, a frame's payload, or a name
	Effects []Effect
}

// InputKind says what a frame's Input is.
type InputKind byte

// The kinds of inputs.
const (
	InputHeader InputKind = 'h' // a recordingHeader; the first frame and no other
	InputLine   InputKind = 'l' // a line from stdin, understood or not
	InputPeer   InputKind = 'p' // an envelope from a peer
	InputClosed InputKind = 'c' // the node whose connection has ended
	InputTimer  InputKind = 't' // the id of a timer that has run out
)

// String names the kind in words.
func (k InputKind) String() string {
	switch k {
	case InputHeader:
		return "header"
	case InputLine:
		return "line"
	case InputPeer:
		return "message"
	case InputClosed:
		return "closed"
	case InputTimer:
		return "timer"
	}
	return fmt.Sprintf("input %q", byte(k))
}

// Effect is an output of a step as a recording keeps it: enough to tell whether
// two outputs are the same, and to find a message again where it was received.
// Logs are for people, and no effects.
type Effect struct {
	Kind EffectKind
	To   string // a line's dest, a message's member or node, a timer's id
	// Sum is the FNV-1a hash of a line or message as it is written, a timer's
	// microseconds, an exit's code.
	Sum uint64
}

// EffectKind says what an effect is.
type EffectKind byte

// The kinds of effects.
const (
	EffectLine   EffectKind = 'l'
	EffectSend   EffectKind = 's'
	EffectSet    EffectKind = 't'
	EffectCancel EffectKind = 'c'
	EffectExit   EffectKind = 'x'
)

// String says it for people, who compare two of them.
func (e Effect) String() string {
	switch e.Kind {
	case EffectLine:
		return fmt.Sprintf("line to %s (%016x)", e.To, e.Sum)
	case EffectSend:
		return fmt.Sprintf("message to %s (%016x)", e.To, e.Sum)
	case EffectSet:
		return fmt.Sprintf("timer %s after %d µs", e.To, e.Sum)
	case EffectCancel:
		return fmt.Sprintf("no timer %s", e.To)
	case EffectExit:
		return fmt.Sprintf("exit %d", e.Sum)
	}
	return fmt.Sprintf("effect %q", byte(e.Kind))
}

// effectOf is the effect that an output is, with what was written for it; none
// for a log.
func effectOf(o machine.Output, written []byte) (Effect, bool) {
	switch o := o.(type) {
	case *machine.Line:
		return Effect{EffectLine, o.Dest, Sum(written)}, true
	case machine.Send:
		return Effect{EffectSend, o.To, Sum(written)}, true
	case machine.SetTimer:
		return Effect{EffectSet, o.ID, uint64(o.After.Microseconds())}, true
	case machine.CancelTimer:
		return Effect{EffectCancel, o.ID, 0}, true
	case machine.Exit:
		return Effect{EffectExit, "", uint64(o.Code)}, true
	}
	return Effect{}, false
}

// Sum is how an Effect tells lines and messages apart: a message's is that of
// its envelope, which is also the Input of the frame in which it is received.
func Sum(written []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(written) // never fails
	return h.Sum64()
}

// Append writes the frame as a journal's body:
//
//	kind byte, now uvarint (µs), input, then each effect: kind byte, to, sum uint64
//
// where input and to are a uvarint length and that many bytes.
func (f *Frame) Append(buf []byte) []byte {
	buf = append(buf, byte(f.Kind))
	buf = binary.AppendUvarint(buf, uint64(f.Now.Microseconds()))
	buf = appendText(buf, f.Input)
	for _, e := range f.Effects {
		buf = append(buf, byte(e.Kind))
		buf = appendText(buf, e.To)
		buf = binary.BigEndian.AppendUint64(buf, e.Sum)
	}
	return buf
}

func appendText[T []byte | string](buf []byte, text T) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(text))), text...)
}

var errShort = errors.New("the frame is too short for what it says it holds")

// parseFrame is the inverse of append. The frame keeps nothing of body.
func parseFrame(body []byte) (Frame, error) {
	r := frameReader{rest: body}
	f := Frame{Kind: InputKind(r.byte())}
	f.Now = time.Duration(r.uvarint()) * time.Microsecond
	f.Input = append([]byte(nil), r.text()...)
	for len(r.rest) > 0 && !r.short {
		f.Effects = append(f.Effects, Effect{EffectKind(r.byte()), string(r.text()), r.uint64()})
	}
	if r.short {
		return f, errShort
	}
	return f, nil
}

// frameReader takes a body apart; short is set once it has too little.
type frameReader struct {
	rest  []byte
	short bool
}

func (r *frameReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.short, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *frameReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *frameReader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *frameReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.short, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *frameReader) text() []byte { return r.take(r.uvarint()) }

// recordingHeader is the Input of a recording's first frame.
type recordingHeader struct {
	Format string    `json:"format"`
	Member string    `json:"member"`
	Began  int64     `json:"began_unix_us"` // when the process's Now was 0, by the machine's clock
	Init   node.Init `json:"init"`
}

// recordingFormat is what a recording of this version says of itself.
const recordingFormat = "groupy-recording/1"
