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
)

// maxLine is the longest line, in bytes, that a node may write.
const maxLine = 16 << 20

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

// startProcess starts a program with its stderr appended to logFile, and passes
// what it says, and at last its end, to emit.
func startProcess(p Program, nodeName string, incarnation int, logFile *os.File, emit func(Event)) (*process, error) {
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Stderr = logFile // a file, so that no goroutine copies and nothing is lost at a kill
	cmd.SysProcAttr = ownGroup()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = write
	err = spawn(cmd)
	_ = write.Close() // the child has its own
	if err != nil {
		_ = stdout.Close()
		return nil, fmt.Errorf("start %s as %s: %w", p.Path, nodeName, err)
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
		err := cmd.Wait()
		// What it started ends with it; only then does the pipe end too.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		proc.input.close()
		helpers.Wait()
		emit(proc.exited(err))
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

func (p *process) exited(err error) Exited {
	e := Exited{Node: p.node, Incarnation: p.incarnation}
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
func (p *process) signal(s syscall.Signal) error {
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("send %v to %s (pid %d): %w", s, p.node, p.cmd.Process.Pid, err)
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
