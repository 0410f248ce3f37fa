package world

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"groupy/harness/ground"
	"groupy/node"
)

// maxLine is the longest line, in bytes, that a node may write.
const maxLine = 16 << 20

// lastWords is how long a dead process's pipes may stay open, in the hands of
// something that it started.
const lastWords = 500 * time.Millisecond

// Program is what runs as a node: an executable and its arguments. It is given
// nothing else but the contract on its stdin.
type Program struct {
	Path string
	Args []string
}

// Running is a program that was started, wherever that is.
type Running interface {
	Pid() int // as the harness sees it
	// Signal reaches it and what it has started.
	Signal(s syscall.Signal) error
	// Wait gives how it ended: by itself with a code, or by a signal. What it has
	// started ends with it. Called once.
	Wait() (code int, signal string)
}

// starter starts a program for a member with these as its stdin, stdout and
// stderr, of which it has copies.
type starter func(p Program, m Mark, stdin, stdout, stderr *os.File) (Running, error)

// process is one start of a node: a running program, the goroutine that reads what
// it says, and the one that writes what it is told.
type process struct {
	node        string
	incarnation int
	program     Running
	input       *lineQueue
	gone        chan struct{} // closed after the process was reaped and its last line passed on
}

// Launch starts a program with pipes for the contract and its stderr appended to
// log: a file, so that no goroutine copies and nothing is lost at a kill.
func (w *Ward) Launch(start starter, p Program, name string, incarnation int, log *os.File) (program Running, stdin, stdout *os.File, err error) {
	read, stdin, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	defer read.Close() // the program has its own
	stdout, write, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, stdin.Close())
	}
	defer write.Close()
	program, err = start(p, w.Mark.Of(node.MemberName(name, incarnation)), read, write, log)
	if err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("start %s as %s: %w", p.Path, name, err), stdin.Close(), stdout.Close())
	}
	return program, stdin, stdout, nil
}

// startProcess starts a program, and passes what it says, and at last its end,
// to emit.
func (w *Ward) startProcess(start starter, p Program, nodeName string, incarnation int, log Log, emit func(Event)) (*process, error) {
	program, stdin, stdout, err := w.Launch(start, p, nodeName, incarnation, log.File)
	if err != nil {
		return nil, err
	}
	proc := &process{
		node: nodeName, incarnation: incarnation, program: program,
		input: newLineQueue(), gone: make(chan struct{}),
	}
	var helpers sync.WaitGroup
	helpers.Go(func() { proc.input.drain(stdin) })
	helpers.Go(func() { proc.read(stdout, emit); _ = stdout.Close() })
	go func() {
		defer close(proc.gone)
		e := Exited{Node: nodeName, Incarnation: incarnation}
		e.Code, e.Signal = program.Wait()
		e.Words = log.Words(e.Code, e.Signal)
		proc.input.Close()
		_ = stdin.Close() // whoever is still writing to it stops
		// Whoever still holds the process's pipes has left its group.
		escaped := time.AfterFunc(lastWords, w.Mark.Of(node.MemberName(nodeName, incarnation)).Sweep)
		unheard := time.AfterFunc(2*lastWords, func() { _ = stdout.SetReadDeadline(time.Now()) })
		helpers.Wait()
		escaped.Stop()
		unheard.Stop()
		emit(e)
	}()
	return proc, nil
}

// read passes each whole line on. A half-written last line of a killed process
// is no observation.
func (p *process) read(stdout io.Reader, emit func(Event)) {
	r := bufio.NewReaderSize(stdout, 64<<10)
	for {
		line, err := ReadLine(r)
		switch {
		case errors.Is(err, ErrLongLine):
			emit(Garbled{Node: p.node, Incarnation: p.incarnation, Line: Shorten(line), Err: err, Lost: true})
		case err != nil:
			return
		case len(line) > 0:
			emit(decode(p.node, p.incarnation, line))
		}
	}
}

var ErrLongLine = fmt.Errorf("line is longer than %d bytes and was not read", maxLine)

// ReadLine gives the next whole line. Of one that is too long it gives the beginning,
// and errLongLine; the line after it is the next one.
func ReadLine(r *bufio.Reader) ([]byte, error) {
	var whole []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if err == nil && whole == nil {
			return part[:len(part)-1], nil
		}
		if long = long || len(whole)+len(part) > maxLine; !long {
			whole = append(whole, part...)
		}
		switch {
		case err == nil && long:
			return whole, ErrLongLine
		case err == nil:
			return whole[:len(whole)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// child is a program that the harness has started itself.
type child struct {
	cmd   *exec.Cmd
	guard *Ward
}

// Start is the starter of programs on the harness's own machine. The warden knows
// of them.
func (w *Ward) Start(p Program, m Mark, stdin, stdout, stderr *os.File) (Running, error) {
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Env = m.environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.SysProcAttr = ownGroup()
	if err := ground.Spawn(cmd); err != nil {
		return nil, err
	}
	w.began(cmd.Process.Pid)
	return &child{cmd, w}, nil
}

func (c *child) Pid() int { return c.cmd.Process.Pid }

func (c *child) Signal(s syscall.Signal) error {
	if err := syscall.Kill(-c.Pid(), s); err != nil {
		return fmt.Errorf("send %v to pid %d: %w", s, c.Pid(), err)
	}
	return nil
}

// Wait ends with the process what that has started; only then do its pipes end
// too.
func (c *child) Wait() (code int, signal string) {
	err := c.cmd.Wait()
	_ = syscall.Kill(-c.Pid(), syscall.SIGKILL)
	c.guard.ended(c.Pid()) // from now on the number may be another's
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok {
			return ending(status)
		}
		return exit.ExitCode(), ""
	}
	return 0, ""
}

// ending says how a process ended: the code is -1 where a signal ended it.
func ending(status syscall.WaitStatus) (code int, signal string) {
	if status.Signaled() {
		return -1, status.Signal().String()
	}
	return status.ExitStatus(), ""
}

// lineQueue holds lines for a node's stdin, so that a node that does not read (a
// frozen one) never holds up the run loop. It is unbounded: the plan bounds what
// is sent.
type lineQueue struct {
	mu     sync.Mutex
	filled sync.Cond
	buf    []byte
	closed bool
}

func newLineQueue() *lineQueue {
	q := &lineQueue{}
	q.filled.L = &q.mu
	return q
}

func (q *lineQueue) put(line []byte) {
	q.mu.Lock()
	q.buf = append(q.buf, line...)
	q.mu.Unlock()
	q.filled.Signal()
}

func (q *lineQueue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.filled.Signal()
}

// drain writes what is put until the queue is closed or the pipe breaks, and
// closes the pipe: a node that reads on then finds its end.
func (q *lineQueue) drain(w io.WriteCloser) {
	defer w.Close()
	var spare []byte
	for {
		q.mu.Lock()
		for len(q.buf) == 0 && !q.closed {
			q.filled.Wait()
		}
		if q.closed {
			q.mu.Unlock()
			return
		}
		batch := q.buf
		q.buf = spare[:0]
		q.mu.Unlock()
		if _, err := w.Write(batch); err != nil {
			return // the process is gone; its end is on its way
		}
		spare = batch
	}
}
