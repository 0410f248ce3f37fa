package watched

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"groupy/checker/linear"
)

// Config says how to search.
type Config struct {
	Command []string      // the program that calls Serve, and its arguments
	Time    time.Duration // for all searches of a history together
	Memory  int64         // bytes that a search may hold
}

// The usual bounds.
const (
	DefaultTime   = 10 * time.Second
	DefaultMemory = 1 << 30
)

// Searcher searches each problem in a child process of its own.
func (c Config) Searcher() linear.Searcher { return linear.Searcher{Time: c.Time, Search: c.search} }

func (c Config) search(p *linear.Problem, limit time.Duration) linear.Answer {
	last, err := c.ask(request{Problem: p, Time: limit, Memory: c.Memory})
	a := last.Answer
	switch {
	case a.Outcome == linear.Undecided && err != nil:
		a.Stopped, a.Late = err.Error(), errors.Is(err, errLate)
	case last.Error != "":
		return linear.Answer{Stopped: "for " + last.Error}
	}
	return a
}

// drawTime is how long a picture's orders are searched for.
const drawTime = 2 * time.Second

// Page draws a picture in a child process, as HTML, within bounds of its own: what
// was too much for a search can still be drawn.
func (c Config) Page(p *linear.Picture) ([]byte, error) {
	c.Memory = DefaultMemory
	last, err := c.ask(request{Picture: p, Time: drawTime, Memory: c.Memory})
	switch {
	case err != nil:
		return nil, fmt.Errorf("the drawing stopped %w", err)
	case last.Error != "":
		return nil, errors.New(last.Error)
	}
	return last.Page, nil
}

// ask starts a child and gives the last that it said; with the error that it was
// killed, and past which bound.
func (c Config) ask(q request) (last reply, err error) {
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return last, fmt.Errorf("before it began: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return last, fmt.Errorf("before it began: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return last, fmt.Errorf("before it began: %w", err)
	}
	done := make(chan struct{})
	killed := make(chan error, 1)
	go func() { killed <- c.watch(cmd.Process, q.Time, done) }()
	go func() { _ = encode(stdin, q) }() // stdin stays open: its end is the child's
	lines := bufio.NewReader(stdout)
	for !last.Final {
		line, err := lines.ReadBytes('\n')
		var r reply
		if err != nil || json.Unmarshal(line, &r) != nil {
			break
		}
		last = r
	}
	close(done)
	why := <-killed
	_ = stdin.Close()
	_ = cmd.Process.Kill() // it has said all that it will
	ended := cmd.Wait()
	switch {
	case last.Final:
		return last, nil
	case why != nil:
		return last, why
	default: // the kernel refused it more memory, or somebody else ended it
		return last, fmt.Errorf("when its process ended (%v)", ended)
	}
}

// errLate says that the time was over.
var errLate = errors.New("after")

// watch kills the child past its bounds, and says past which. Beside the time to
// search it has as much again, to make a witness small.
func (c Config) watch(child *os.Process, limit time.Duration, done <-chan struct{}) error {
	late := time.NewTimer(2*limit + time.Second)
	defer late.Stop()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-late.C:
			_ = child.Kill()
			return fmt.Errorf("%w %v", errLate, limit)
		case <-ticks.C:
			if held := resident(child.Pid); c.Memory > 0 && held > c.Memory {
				_ = child.Kill()
				return fmt.Errorf("when it held more than %d MB of memory", c.Memory>>20)
			}
		}
	}
}

// resident is what a process holds in memory, in bytes; 0 if that cannot be known.
func resident(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

func encode(to io.Writer, q request) error { return json.NewEncoder(to).Encode(q) }
