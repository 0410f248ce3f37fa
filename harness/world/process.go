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

	"groupy/harness/world/ground"
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

// process is one start of a node: a real process, the goroutine that reads what
// it says, and the one that writes what it is told.
type process struct {
	node        string
	incarnation int
	cmd         *exec.Cmd
	input       *lineQueue
	gone        chan struct{} // closed after the process was reaped and its last line passed on
}

// launch starts a program with pipes for the contract and its stderr appended to
// log, and has the warden know of it.
func (w *warden) launch(p Program, name string, incarnation int, log *os.File) (cmd *exec.Cmd, stdin io.WriteCloser, stdout *os.File, err error) {
	cmd = exec.Command(p.Path, p.Args...)
	cmd.Env = w.mark.of(node.MemberName(name, incarnation)).environment()
	cmd.Stderr = log // a file, so that no goroutine copies and nothing is lost at a kill
	cmd.SysProcAttr = ownGroup()
	if stdin, err = cmd.StdinPipe(); err != nil {
		return nil, nil, nil, err
	}
	stdout, write, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, stdin.Close())
	}
	cmd.Stdout = write
	err = ground.Spawn(cmd)
	_ = write.Close() // the child has its own
	if err != nil {
		_ = stdout.Close()
		return nil, nil, nil, fmt.Errorf("start %s as %s: %w", p.Path, name, err)
	}
	w.began(cmd.Process.Pid)
	return cmd, stdin, stdout, nil
}

// startProcess starts a program, and passes what it says, and at last its end,
// to emit.
func (w *warden) startProcess(p Program, nodeName string, incarnation int, log *os.File, emit func(Event)) (*process, error) {
	cmd, stdin, stdout, err := w.launch(p, nodeName, incarnation, log)
	if err != nil {
		return nil, err
	}
	proc := &process{
		node: nodeName, incarnation: incarnation, cmd: cmd,
		input: newLineQueue(), gone: make(chan struct{}),
	}
	var helpers sync.WaitGroup
	helpers.Go(func() { proc.input.drain(stdin) })
	helpers.Go(func() { proc.read(stdout, emit); _ = stdout.Close() })
	go func() {
		defer close(proc.gone)
		err := w.reap(cmd)
		proc.input.close()
		// Whoever still holds the process's pipes has left its group.
		escaped := time.AfterFunc(lastWords, w.mark.of(node.MemberName(nodeName, incarnation)).sweep)
		unheard := time.AfterFunc(2*lastWords, func() { _ = stdout.SetReadDeadline(time.Now()) })
		helpers.Wait()
		escaped.Stop()
		unheard.Stop()
		emit(exited(nodeName, incarnation, err))
	}()
	return proc, nil
}

// read passes each whole line on. A half-written last line of a killed process
// is no observation.
func (p *process) read(stdout io.Reader, emit func(Event)) {
	r := bufio.NewReaderSize(stdout, 64<<10)
	for {
		line, err := readLine(r)
		if err == nil && len(line) > 0 {
			emit(decode(p.node, p.incarnation, line))
		}
		if errors.Is(err, errLongLine) {
			emit(Garbled{Node: p.node, Incarnation: p.incarnation, Line: shorten(line), Err: err})
			_, _ = io.Copy(io.Discard, r)
		}
		if err != nil {
			return
		}
	}
}

var errLongLine = fmt.Errorf("line is longer than %d bytes", maxLine)

func readLine(r *bufio.Reader) ([]byte, error) {
	var whole []byte
	for {
		part, err := r.ReadSlice('\n')
		if err == nil && whole == nil {
			return part[:len(part)-1], nil
		}
		whole = append(whole, part...)
		switch {
		case err == nil:
			return whole[:len(whole)-1], nil
		case len(whole) > maxLine:
			return whole, errLongLine
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// reap waits for a process's end. What it started ends with it; only then do its
// pipes end too.
func (w *warden) reap(cmd *exec.Cmd) error {
	err := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	w.ended(cmd.Process.Pid) // from now on the number may be another's
	return err
}

// exited says how a process ended, from what its Wait returned.
func exited(name string, incarnation int, err error) Exited {
	e := Exited{Node: name, Incarnation: incarnation}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.Code = exit.ExitCode()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			e.Signal = status.Signal().String()
		}
	}
	return e
}

// signal reaches the process and what it started.
func (p *process) signal(s syscall.Signal) error { return signal(p.cmd, p.node, s) }

func signal(cmd *exec.Cmd, name string, s syscall.Signal) error {
	if err := syscall.Kill(-cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("send %v to %s (pid %d): %w", s, name, cmd.Process.Pid, err)
	}
	return nil
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

func (q *lineQueue) close() {
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
