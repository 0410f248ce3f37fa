package virtual

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/contract"
)

// LockstepConfig is what a lockstep world is made of, beside what every virtual
// one is.
type LockstepConfig struct {
	VirtualConfig
	Program world.Program
	Warden  world.Program // may be empty
	LogDir  string        // one log file per process start
	// Hang is the wall-clock time, not virtual, in which a node has to handle one
	// line; default 20 s.
	Hang time.Duration
}

// NewLockstep is the virtual world of real processes: they are started, killed
// and frozen by signals, and between them lies nothing but the harness, which
// hands them one line at a time.
func NewLockstep(c LockstepConfig) (*Virtual, error) {
	if c.Hang == 0 {
		c.Hang = 20 * time.Second
	}
	guard, err := world.StartWarden(c.Warden)
	if err != nil {
		return nil, err
	}
	start := func(_ *Virtual, name string, incarnation int) (actor, error) {
		log, err := world.OpenLog(c.LogDir, name, incarnation)
		if err != nil {
			return nil, err
		}
		defer log.Close() // the process has its own
		program, stdin, stdout, err := guard.Launch(guard.Start, c.Program, name, incarnation, log.File)
		if err != nil {
			return nil, err
		}
		if err := blocking(stdout); err != nil {
			return nil, err
		}
		a := &stepped{
			name: name, incarnation: incarnation, nodes: c.Nodes, hang: c.Hang, guard: guard, program: program, log: log, stdin: stdin, pipe: stdout,
			stdout: bufio.NewReaderSize(stdout, 64<<10),
		}
		a.watch = time.AfterFunc(c.Hang, a.giveUp)
		a.watch.Stop()
		return a, nil
	}
	return newVirtual(c.VirtualConfig, start, func() error {
		guard.Close()
		return nil
	}), nil
}

// stepped is one start of a node as a real process, driven line by line.
type stepped struct {
	name        string
	incarnation int
	nodes       []string // that lines are carried to
	hang        time.Duration
	guard       *world.Ward
	program     world.Running
	log         world.Log
	stdin       io.WriteCloser
	pipe        *os.File
	stdout      *bufio.Reader
	outs        []output
	watch       *time.Timer // runs while the process handles a line
	hung        atomic.Bool
}

// blocking has reads of a pipe wait in the kernel. The runtime's poller would take
// longer than most nodes do for a line.
func blocking(pipe *os.File) error {
	conn, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = conn.Control(func(fd uintptr) { set = syscall.SetNonblock(int(fd), false) })
	return errors.Join(err, set)
}

// giveUp ends a process that does not come to an end with its line, and all that
// may still hold its pipe, so that who reads on goes on.
func (a *stepped) giveUp() {
	a.hung.Store(true)
	_ = a.program.Signal(syscall.SIGKILL)
	a.guard.Mark.Of(node.MemberName(a.name, a.incarnation)).Sweep()
}

func (a *stepped) step(now time.Duration, in input) ([]output, error) {
	a.outs = a.outs[:0]
	micros := now.Microseconds()
	line, err := a.line(in, &micros)
	if err != nil {
		return nil, err
	}
	a.watch.Reset(a.hang)
	defer a.watch.Stop()
	// A write fails only if the process has ended; its end is read below.
	_, _ = a.stdin.Write(line)
	for {
		said, err := world.ReadLine(a.stdout)
		switch {
		case err != nil && a.hung.Load():
			return nil, fmt.Errorf("%s hangs: no idle within %v of this line: %s",
				node.MemberName(a.name, a.incarnation), a.hang, world.Shorten(line))
		case errors.Is(err, world.ErrLongLine):
			bad := a.garbled(said, err)
			bad.Lost = true
			a.outs = append(a.outs, output{bad: bad})
		case err != nil:
			end := a.reaped()
			end.Words = a.log.Words(end.Code, end.Signal).Repeatable()
			a.outs = append(a.outs, output{exit: end})
			return a.outs, nil
		case len(said) > 0 && a.take(said):
			return a.outs, nil
		}
	}
}

// line is the contract's line for an input.
func (a *stepped) line(in input, now *int64) ([]byte, error) {
	switch {
	case in.timer != "":
		return node.Line(node.Clock, a.name, now, node.Timer{Head: node.Head{Type: node.TypeTimer}, ID: in.timer})
	case in.closed != "":
		return node.Line(node.Harness, a.name, now, node.Closed{Head: node.Head{Type: node.TypeClosed}, Node: in.closed})
	case in.peer != nil:
		return node.Forward(in.src, a.name, now, in.peer.body), nil
	}
	return node.Line(in.src, a.name, now, in.body)
}

// take handles one line of the node and reports whether it was idle.
func (a *stepped) take(said []byte) (idle bool) {
	env, head, err := contract.Line(said)
	if err != nil {
		a.outs = append(a.outs, output{bad: a.garbled(said, err)})
		return false
	}
	if head.Type == node.TypeIdle {
		return true
	}
	if !contract.Service(env.Dest) {
		if !slices.Contains(a.nodes, env.Dest) {
			a.outs = append(a.outs, output{bad: a.garbled(said, contract.StdioDest(env.Dest, a.nodes))})
			return false
		}
		a.outs = append(a.outs, output{dest: env.Dest, mail: &mail{line: bytes.Clone(said), body: bytes.Clone(env.Body)}})
		return false
	}
	body, err := contract.Body(head, env.Body)
	if err != nil {
		a.outs = append(a.outs, output{bad: a.garbled(said, err)})
		return false
	}
	out := output{dest: env.Dest, body: body}
	switch b := body.(type) {
	case node.SetTimer:
		out.timer, out.after = b.ID, max(0, time.Duration(b.AfterMicros)*time.Microsecond)
	case node.Persist:
		out.keep = &b
	case node.CancelTimer:
		out.timer, out.after = b.ID, -1
	}
	a.outs = append(a.outs, out)
	return false
}

func (a *stepped) garbled(line []byte, err error) *world.Garbled {
	bad := world.Misread(a.name, a.incarnation, line, err)
	return &bad
}

// reaped waits for the process's end, which has begun, and says how it was.
func (a *stepped) reaped() *world.Exited {
	_ = a.stdin.Close()
	e := &world.Exited{Node: a.name, Incarnation: a.incarnation}
	e.Code, e.Signal = a.program.Wait()
	_ = a.pipe.Close()
	return e
}

func (a *stepped) kill() error {
	_ = a.program.Signal(syscall.SIGKILL) // it may just have ended
	a.reaped()
	return nil
}

// pause freezes the process, and returns when the kernel shows that it is
// frozen, so that its state is proven whenever somebody asks.
func (a *stepped) pause() error {
	if err := a.program.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for give := time.Now().Add(a.hang); !world.Stopped(a.program.Pid()); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(give) {
			return fmt.Errorf("%s (pid %d) does not freeze", a.name, a.program.Pid())
		}
	}
	return nil
}

func (a *stepped) resume() error { return a.program.Signal(syscall.SIGCONT) }
