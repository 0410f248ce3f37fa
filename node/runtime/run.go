package runtime

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/machine"
	"groupy/node/stable"
)

// Process is what a node has of its surroundings. Everything comes in from the
// caller, so that a test can be the harness.
type Process struct {
	Stdin  io.Reader
	Stdout io.Writer        // every Write is whole lines; it must not be buffered further
	Log    hclog.Logger     // the node's stderr
	Now    func() time.Time // the real clock; not read where the clock is virtual
}

// world runs a machine from init to its end. It never returns nil.
type world func(*lineReader) error

// errExit is the error that ends a world with an exit code of its own.
type errExit struct{ code int }

func (e errExit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// Run is the node's life: it waits for an init that it can follow, then runs the
// world that init asks for, until a shutdown, or until stdin ends or stdout
// breaks, since then the harness is gone. It gives the process's exit code: 0
// after a shutdown and at the end of stdin, ExitPanic after a panic in the
// protocol, 1 for anything else, which is logged.
//
// When it returns, its sockets are closed and its goroutines have ended, but for
// one that may hang in a read of Stdin.
func Run(p Process) int {
	err := p.serve(newLineReader(p.Stdin))
	var exit errExit
	switch {
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, io.EOF):
		p.Log.Debug("stdin has ended, the harness is gone")
		return 0
	}
	p.Log.Error("node ends", "error", err)
	return 1
}

// serve answers lines until one of them is an init that can be followed, and
// follows it.
func (p Process) serve(in *lineReader) error {
	for {
		raw, err := in.Next()
		if err != nil {
			return err
		}
		var run world
		var first []byte
		line, reply := machine.ReadLine(raw, "")
		if reply == nil {
			run, first, reply = p.open(line)
		}
		out, err := machine.AppendLine(nil, "", reply)
		if err != nil {
			return err
		}
		out = append(out, first...)
		if line.Now != nil {
			out = append(out, idleLine("")...)
		}
		if _, err := p.Stdout.Write(out); err != nil {
			return fmt.Errorf("write to stdout: %w", err)
		}
		if run != nil {
			return run(in)
		}
	}
}

// open answers a line that comes before init, and opens the world if the line is
// an init that can be followed; a shutdown opens one that is over. With init_ok a
// node of the tcp world listens. first is what the node says right after the answer.
func (p Process) open(line machine.InLine) (run world, first []byte, answer *machine.Line) {
	switch line.Head.Type {
	case node.TypeInit:
		run, first, err := p.follow(line)
		if err != nil {
			return nil, nil, refusal(line, err)
		}
		return run, first, machine.OkTo(line.Src, line.Head)
	case node.TypeShutdown:
		return func(*lineReader) error { return errExit{0} }, nil, machine.OkTo(line.Src, line.Head)
	case node.TypeJoin, node.TypeLeave, node.TypeMulticast, node.TypeRead, node.TypeWrite, node.TypeCAS:
		return nil, nil, machine.ErrorTo(line.Src, line.Head, node.CodeUnavailable, "not initialised; send init first")
	}
	return nil, nil, machine.Unknown(line.Request)
}

// refusal answers an init that cannot be followed. Damage to what the member had
// stored has a code of its own: the node may come back as a new incarnation.
func refusal(line machine.InLine, err error) *machine.Line {
	return machine.ErrorTo(line.Src, line.Head, CodeOf(err), err.Error())
}

// CodeOf is the contract's code for an init that cannot be followed.
func CodeOf(err error) node.Code {
	if errors.Is(err, stable.ErrDamaged) {
		return node.CodePrecondition
	}
	return node.CodeMalformed
}

// follow opens the world that an init asks for.
func (p Process) follow(line machine.InLine) (run world, first []byte, err error) {
	in, err := machine.ParseInit(line.Body)
	if err != nil {
		return nil, nil, err
	}
	m, err := machine.NewMachine(in)
	if err != nil {
		return nil, nil, err
	}
	p.Log = p.Log.Named(m.Member())
	switch {
	case in.Transport == node.TransportTCP && in.Clock == node.ClockReal:
		w, err := newTCP(p, in, m)
		if err != nil {
			return nil, nil, err
		}
		return w.run, nil, nil
	case in.Transport == node.TransportStdio && in.Clock == node.ClockVirtual:
		if line.Now == nil {
			return nil, nil, errNoNow
		}
		w := &stdio{p: p, m: m, wire: m.Wire(), now: *line.Now}
		first, err := w.restore(in)
		return w.run, first, err
	}
	return nil, nil, fmt.Errorf("init asks for transport %q with clock %q; there are tcp with real and stdio with virtual",
		in.Transport, in.Clock)
}
