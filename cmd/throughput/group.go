package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// processes is how many a group has.
const processes = 5

// group is the processes of one system.
type group struct {
	members []*child
	dir     string
}

type child struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string // closed at its end
}

// figures is what one measurement gives.
type figures struct {
	rate float64 // multicasts a second
	cpu  float64 // microseconds of all five processes' processor time for each
}

// measure runs one system once and gives its figures within the window. All its
// processes have ended when it returns.
func measure(s system, outstanding, gc int, warmUp, window time.Duration) (f figures, err error) {
	g := new(group)
	defer g.end()
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", s.name, err)
		}
	}()
	if err := g.start(s, outstanding, gc); err != nil {
		return f, err
	}
	if err := g.tell("begin"); err != nil {
		return f, err
	}
	time.Sleep(warmUp)
	before, err := g.count()
	if err != nil {
		return f, err
	}
	began := time.Now()
	time.Sleep(window)
	after, err := g.count()
	took := time.Since(began)
	if err != nil {
		return f, err
	}
	multicasts := float64(after.acked - before.acked)
	return figures{multicasts / took.Seconds(), float64(after.cpuMicros-before.cpuMicros) / multicasts}, nil
}

// start starts the processes and waits until the group has formed.
func (g *group) start(s system, outstanding, gc int) error {
	addrs, err := freeAddresses(2 * processes)
	if err != nil {
		return err
	}
	if g.dir, err = os.MkdirTemp("", "throughput"); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for i := range processes {
		share := (outstanding + i) / processes
		cmd := exec.Command(program, memberCommand, s.name, strconv.Itoa(i), strconv.Itoa(share), g.dir,
			strings.Join(addrs[:processes], ","), strings.Join(addrs[processes:], ","), strconv.Itoa(gc))
		cmd.Stderr = os.Stderr
		stdin, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		c := &child{cmd, stdin, make(chan string, 8)}
		g.members = append(g.members, c)
		go func() {
			defer close(c.lines)
			for in := bufio.NewScanner(stdout); in.Scan(); {
				c.lines <- in.Text()
			}
		}()
	}
	for _, c := range g.members {
		if _, err := c.line(); err != nil {
			return fmt.Errorf("the group does not form: %w", err)
		}
	}
	return nil
}

// tell writes one word to all.
func (g *group) tell(word string) error {
	for _, c := range g.members {
		if _, err := fmt.Fprintln(c.stdin, word); err != nil {
			return err
		}
	}
	return nil
}

// count is the sum of what the members count.
func (g *group) count() (sum counted, err error) {
	if err := g.tell("count"); err != nil {
		return sum, err
	}
	for _, c := range g.members {
		text, err := c.line()
		if err != nil {
			return sum, err
		}
		var one counted
		if _, err := fmt.Sscan(text, &one.acked, &one.cpuMicros); err != nil {
			return sum, fmt.Errorf("answer %q: %w", text, err)
		}
		sum.acked += one.acked
		sum.cpuMicros += one.cpuMicros
	}
	return sum, nil
}

func (c *child) line() (string, error) {
	select {
	case text, ok := <-c.lines:
		if !ok {
			return "", fmt.Errorf("process %d has ended", c.cmd.Process.Pid)
		}
		return text, nil
	case <-time.After(startTimeout):
		return "", fmt.Errorf("process %d says nothing for %v", c.cmd.Process.Pid, startTimeout)
	}
}

// end closes their stdin, at which they end; who does not is killed.
func (g *group) end() {
	for _, c := range g.members {
		_ = c.stdin.Close()
	}
	for _, c := range g.members {
		late := time.AfterFunc(5*time.Second, func() { _ = c.cmd.Process.Kill() })
		for range c.lines { // Wait must come after the last read
		}
		_ = c.cmd.Wait()
		late.Stop()
	}
	_ = os.RemoveAll(g.dir)
}

// freeAddresses gives addresses that nobody listens at.
func freeAddresses(n int) ([]string, error) {
	var addrs []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}
