package runtime

import (
	"encoding/json"
	"fmt"
	"time"

	"groupy/node"
	"groupy/node/machine"
)

// stdio is the virtual world: the harness is network and clock, and the same
// lines in give the same lines out. Nothing here reads a clock or starts a
// goroutine. Each line is handled whole; its outputs and the closing idle are
// one write.
type stdio struct {
	p    Process
	m    *machine.Machine
	wire machine.Wire
	now  int64 // microseconds; of the last line
}

func (w *stdio) run(in *lineReader) error {
	for {
		raw, err := in.Next()
		if err != nil {
			return err
		}
		out, exit := w.handle(raw)
		if exit == nil {
			out = append(out, idleLine(w.self())...)
		}
		if _, err := w.p.Stdout.Write(out); err != nil {
			return fmt.Errorf("write to stdout: %w", err)
		}
		if exit != nil {
			return exit
		}
	}
}

// restore gives the lines with which a machine comes back from what the disk has
// for it.
func (w *stdio) restore(in node.Init) (out []byte, err error) {
	outs, err := w.m.RestoreStored(time.Duration(w.now)*time.Microsecond, in)
	for _, o := range outs {
		if out, err = w.perform(out, o); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (w *stdio) self() string { return w.wire.Node }

// handle gives all lines that one line causes, and the error that ends the node,
// if it does.
func (w *stdio) handle(raw []byte) (out []byte, exit error) {
	line, refusal := machine.ReadLine(raw, w.self())
	var input machine.Input
	if refusal == nil {
		var err error
		if input, err = w.input(line); err != nil {
			refusal = machine.ErrorTo(line.Src, line.Head, node.CodeMalformed, err.Error())
		}
	}
	if refusal != nil {
		return w.perform(nil, refusal)
	}
	for _, o := range w.m.Checkpoint() {
		out, _ = w.perform(out, o)
	}
	for _, o := range w.m.Step(time.Duration(w.now)*time.Microsecond, input) {
		if out, exit = w.perform(out, o); exit != nil {
			break
		}
	}
	return out, exit
}

// input is what a line means to the machine. Beside requests there are timers,
// from the clock, and messages of other nodes.
func (w *stdio) input(line machine.InLine) (machine.Input, error) {
	if line.Now == nil {
		return nil, errNoNow
	}
	if *line.Now < w.now {
		return nil, fmt.Errorf("now is %d, but the line before it had %d; time never runs backwards", *line.Now, w.now)
	}
	w.now = *line.Now
	switch line.Head.Type {
	case machine.TypePeer:
		return w.wire.ParseBody(line.Body)
	case node.TypeTimer:
		var t node.Timer
		if err := json.Unmarshal(line.Body, &t); err != nil {
			return nil, fmt.Errorf("timer: %w", err)
		}
		return machine.Timer{ID: t.ID}, nil
	case node.TypeClosed:
		var c node.Closed
		if err := json.Unmarshal(line.Body, &c); err != nil {
			return nil, fmt.Errorf("closed: %w", err)
		}
		return machine.Closed{Node: c.Node}, nil
	}
	return line.Request, nil
}

// perform appends the line that one output is.
func (w *stdio) perform(out []byte, o machine.Output) ([]byte, error) {
	switch o := o.(type) {
	case *machine.Line:
		return machine.AppendLine(out, w.self(), o)
	case machine.Send:
		out, err := w.wire.Append(out, o)
		return append(out, '\n'), err
	case machine.SetTimer:
		return machine.AppendLine(out, w.self(), &machine.Line{Dest: node.Clock, Body: node.SetTimer{
			Head: machine.Head(node.TypeSetTimer), ID: o.ID, AfterMicros: o.After.Microseconds(),
		}})
	case machine.CancelTimer:
		return machine.AppendLine(out, w.self(), &machine.Line{Dest: node.Clock, Body: node.CancelTimer{Head: machine.Head(node.TypeCancelTimer), ID: o.ID}})
	case machine.Persist:
		return machine.AppendLine(out, w.self(), &machine.Line{Dest: node.Disk, Body: node.Persist{
			Head: machine.Head(node.TypePersist), Record: o.Record, Base: o.Base, Lazy: o.Lazy,
		}})
	case machine.Log:
		w.p.Log.Log(hclogLevel(o.Level), o.Text)
		return out, nil
	case machine.Exit:
		return out, errExit{o.Code}
	}
	panic(fmt.Sprintf("runtime: unknown output %T", o))
}
