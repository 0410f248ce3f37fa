package world

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Warden is the main function of a small process that outlives a harness that is
// killed outright, and ends what that had started: it reads «+ID» and «-ID»
// lines, the process groups that began and ended, and when its input ends it
// kills those that are left. The kernel's parent-death signal already ends the
// nodes themselves on Linux; the warden reaches what a node's wrapper started,
// and other systems.
func Warden(r io.Reader) {
	groups := map[int]bool{}
	for in := bufio.NewScanner(r); in.Scan(); {
		var sign rune
		var id int
		if n, _ := fmt.Sscanf(in.Text(), "%c%d", &sign, &id); n == 2 && id > 1 {
			groups[id] = sign == '+'
		}
	}
	for id, alive := range groups {
		if alive {
			_ = syscall.Kill(-id, syscall.SIGKILL)
		}
	}
}

// warden is the harness's end of the pipe to its warden. A nil warden does
// nothing.
type warden struct {
	mu   sync.Mutex
	pipe *os.File
	cmd  *exec.Cmd
}

func startWarden(p Program) (*warden, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it must survive its parent
	if err := cmd.Start(); err != nil {
		_ = w.Close()
		return nil, fmt.Errorf("start the warden: %w", err)
	}
	return &warden{pipe: w, cmd: cmd}, nil
}

func (w *warden) note(sign rune, group int) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = fmt.Fprintf(w.pipe, "%c%d\n", sign, group)
}

func (w *warden) close() {
	if w == nil {
		return
	}
	_ = w.pipe.Close()
	_ = w.cmd.Wait()
}
