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

// measure runs one system once, and gives the multicasts a second within the
// window. All its processes have ended when it returns.
func measure(s system, outstanding int, warmUp, window time.Duration) (rate float64, err error) {
	g := new(group)
	defer g.end()
	if err := g.start(s, outstanding); err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	if _, err := g.ask("begin", false); err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	time.Sleep(warmUp)
	before, err := g.ask("count", true)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	began := time.Now()
	time.Sleep(window)
	after, err := g.ask("count", true)
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	return float64(after-before) / took.Seconds(), nil
}

// start starts the processes and waits until the group has formed.
func (g *group) start(s system, outstanding int) error {
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
			strings.Join(addrs[:processes], ","), strings.Join(addrs[processes:], ","))
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

// ask writes one word to all; if they answer, it gives the sum of the answers.
func (g *group) ask(word string, answer bool) (sum int64, err error) {
	for _, c := range g.members {
		if _, err := fmt.Fprintln(c.stdin, word); err != nil {
			return 0, err
		}
	}
	for _, c := range g.members {
		if !answer {
			break
		}
		text, err := c.line()
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
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
