package world

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Warden is the main function of a small process that outlives a harness that is
// killed outright, and ends what that had started. It reads lines: «+ID» and
// «-ID», the process groups that began and ended; «=MARK», what all processes of
// the world have in their environment; «"PATH"», a folder that is to go if it is
// empty. When its input ends it kills what is left. The kernel's parent-death
// signal already ends the nodes themselves on Linux; the warden reaches what a
// node's wrapper started, and other systems.
func Warden(r io.Reader) {
	var m Mark
	var folders []string
	groups := map[int]bool{}
	for in := bufio.NewScanner(r); in.Scan(); {
		line := in.Text()
		if line == "" {
			continue
		}
		switch line[0] {
		case '=':
			m = Mark(line[1:])
		case '"':
			if folder, err := strconv.Unquote(line); err == nil {
				folders = append(folders, folder)
			}
		case '+', '-':
			if id, err := strconv.Atoi(line[1:]); err == nil && id > 1 {
				groups[id] = line[0] == '+'
			}
		}
	}
	for id, alive := range groups {
		if alive {
			_ = syscall.Kill(-id, syscall.SIGKILL)
		}
	}
	if m != "" {
		m.Sweep()
	}
	for _, folder := range folders {
		_ = syscall.Rmdir(folder)
	}
}

// Ward is what a world has of its own: the mark of its processes, and the pipe
// to the process that ends them if the harness cannot.
type Ward struct {
	Mark Mark
	mu   sync.Mutex
	pipe *os.File // nil: no such process
	cmd  *exec.Cmd
}

// StartWarden starts the warden, unless the program is empty.
func StartWarden(p Program) (*Ward, error) {
	w := &Ward{Mark: newMark(time.Now())}
	if p.Path == "" {
		return w, nil
	}
	r, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it must survive its parent
	if err := cmd.Start(); err != nil {
		_ = pipe.Close()
		return nil, fmt.Errorf("start the warden: %w", err)
	}
	w.pipe, w.cmd = pipe, cmd
	w.tell("=" + string(w.Mark))
	return w, nil
}

func (w *Ward) tell(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pipe != nil {
		_, _ = fmt.Fprintln(w.pipe, line)
	}
}

// began and ended say that a process group did.
func (w *Ward) began(group int) { w.tell("+" + strconv.Itoa(group)) }
func (w *Ward) ended(group int) { w.tell("-" + strconv.Itoa(group)) }

// removes names a folder that is to go with the world if it is empty, after those
// that were named before.
func (w *Ward) removes(folder string) { w.tell(strconv.Quote(folder)) }

// Close kills what is left of the world. Twice does no harm.
func (w *Ward) Close() {
	w.Mark.Sweep()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pipe == nil {
		return
	}
	_ = w.pipe.Close()
	_ = w.cmd.Wait()
	w.pipe = nil
}
