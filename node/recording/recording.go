package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"groupy/node"
	"groupy/node/journal"
	"groupy/node/machine"
)

// Recording is what one process of the tcp world was given and asked for, from
// init to its last whole frame.
type Recording struct {
	Path   string
	Member string
	Began  int64 // microseconds of Unix time when Now was 0
	Init   node.Init
	Frames []Frame
	Torn   bool // the process was killed while it wrote a further frame
}

// ReadRecording reads a process's recording. A torn last frame is no error:
// nothing of it has left. Anything else that is no frame is one, and says where.
func ReadRecording(path string) (*Recording, error) {
	in, err := journal.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := &Recording{Path: path}
	for {
		body, offset, err := in.Next()
		switch {
		case errors.Is(err, journal.ErrTorn):
			r.Torn = true
			fallthrough
		case errors.Is(err, io.EOF):
			if r.Member == "" {
				return nil, fmt.Errorf("%s: no whole frame: not even the header was recorded", path)
			}
			return r, nil
		case err != nil:
			return nil, err
		}
		if err := r.add(body); err != nil {
			return nil, fmt.Errorf("%s: frame at offset %d: %w", path, offset, err)
		}
	}
}

func (r *Recording) add(body []byte) error {
	f, err := parseFrame(body)
	if err != nil {
		return err
	}
	if f.Kind != InputHeader && r.Member != "" {
		r.Frames = append(r.Frames, f)
		return nil
	}
	var h recordingHeader
	if f.Kind != InputHeader || r.Member != "" {
		return fmt.Errorf("a %s is not where it belongs", f.Kind)
	}
	if err := json.Unmarshal(f.Input, &h); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if h.Format != recordingFormat || h.Member == "" {
		return fmt.Errorf("the format is %q; this version reads %q", h.Format, recordingFormat)
	}
	r.Member, r.Began, r.Init = h.Member, h.Began, h.Init
	return nil
}

// Parted is where a fresh machine does otherwise than a recording says.
type Parted struct {
	Member    string
	Frame     int // from 0
	Now       time.Duration
	Kind      InputKind
	Input     []byte
	Want, Got []Effect
}

// Error says where and how, for people.
func (p *Parted) Error() string {
	i := 0
	for i < len(p.Want) && i < len(p.Got) && p.Want[i] == p.Got[i] {
		i++
	}
	at := func(effects []Effect) string {
		if i < len(effects) {
			return effects[i].String()
		}
		return "nothing more"
	}
	return fmt.Sprintf("%s, frame %d at %v: effect %d of this %s differs: recorded is %s, a fresh machine gives %s\n  %.300s",
		p.Member, p.Frame, p.Now, i, p.Kind, at(p.Want), at(p.Got), p.Input)
}

// Replay gives a fresh machine the recorded inputs and compares what it asks for
// with what is recorded, frame by frame; the first difference is a *Parted.
// each, which may be nil, sees the outputs of each frame; they are valid until
// it returns.
func (r *Recording) Replay(each func(frame int, outs []machine.Output)) error {
	m, err := machine.NewMachine(r.Init)
	if err != nil {
		return fmt.Errorf("%s: the recorded init: %w", r.Path, err)
	}
	p := player{m: m, wire: m.Wire()}
	for i, f := range r.Frames {
		outs, effects, err := p.step(f)
		if err != nil {
			return fmt.Errorf("%s: frame %d: %w", r.Path, i, err)
		}
		if !slices.Equal(effects, f.Effects) {
			return &Parted{r.Member, i, f.Now, f.Kind, f.Input, f.Effects, slices.Clone(effects)}
		}
		if each != nil {
			each(i, outs)
		}
	}
	return nil
}

// player gives a machine what a recording holds.
type player struct {
	m       *machine.Machine
	wire    machine.Wire
	buf     []byte
	effects []Effect
}

// step gives the outputs and effects of one frame, valid until the next.
func (p *player) step(f Frame) ([]machine.Output, []Effect, error) {
	outs, err := p.outputs(f)
	if err != nil {
		return nil, nil, err
	}
	p.effects = p.effects[:0]
	for _, o := range outs {
		p.buf = p.buf[:0]
		switch o := o.(type) {
		case *machine.Line:
			p.buf, err = machine.AppendLine(p.buf, p.wire.Node, o)
		case machine.Send:
			p.buf, err = p.wire.Append(p.buf, o)
		}
		if err != nil {
			return nil, nil, err
		}
		if e, is := effectOf(o, p.buf); is {
			p.effects = append(p.effects, e)
		}
	}
	return outs, p.effects, nil
}

func (p *player) outputs(f Frame) ([]machine.Output, error) {
	var in machine.Input
	switch f.Kind {
	case InputLine:
		line, refusal := machine.ReadLine(f.Input, p.wire.Node)
		if refusal != nil {
			return []machine.Output{refusal}, nil
		}
		in = line.Request
	case InputPeer:
		peer, err := p.wire.Parse(f.Input)
		if err != nil {
			return nil, err
		}
		in = peer
	case InputClosed:
		in = machine.Closed{Node: string(f.Input)}
	case InputTimer:
		in = machine.Timer{ID: string(f.Input)}
	default:
		return nil, fmt.Errorf("there is no input of kind %q", byte(f.Kind))
	}
	return p.m.Step(f.Now, in), nil
}
