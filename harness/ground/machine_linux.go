package ground

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// namespaces are what a machine has of its own.
const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS |
	unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC

// patience is how long init may take for an answer. It does nothing that waits
// for others, but a busy machine may let it wait.
const patience = 30 * time.Second

// Machine is one set of namespaces with its init, seen from outside. Its methods
// may be called from several goroutines.
type Machine struct {
	Name  string
	Cable *os.File // packets to and from it; closed by PowerOff

	cmd     *exec.Cmd
	control *net.UnixConn

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan<- reply
	running map[int64]*Process // by the request that started it
	over    bool               // init has ended: no answer comes any more
	gone    chan struct{}      // closed when init was reaped, and with it all of the machine
}

// reply is an answer with what came beside it.
type reply struct {
	answer
	pid   int // that the kernel told: of the harness's namespace
	files []int
}

// Boot makes a machine that runs nothing yet. An error says what the kernel
// refused; Missing says what can be done about that.
func Boot(spec Spec) (*Machine, error) {
	m, err := clone(spec, namespaces)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EINVAL) {
		if os.Geteuid() == 0 { // who is root needs no user namespace for the others
			m, err = clone(spec, namespaces&^unix.CLONE_NEWUSER)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("namespaces for %s: %w", spec.Name, err)
	}
	r, err := m.ask(request{Do: doBoot, Spec: &spec}, nil)
	if err == nil && len(r.files) != 1 {
		err = errors.New("init gave no cable")
	}
	if err != nil {
		m.PowerOff()
		return nil, fmt.Errorf("boot %s: %w", spec.Name, err)
	}
	m.Cable = file(r.files[0], "cable of "+spec.Name)
	return m, nil
}

// clone starts init in new namespaces.
//
// The kernel makes the user namespace first, whatever the order of the flags, so
// that the others belong to it. Go writes uid_map, «deny» to setgroups and
// gid_map between clone and exec, in this order. Setsid keeps a Ctrl-C on the
// terminal from the programs. When the harness dies, init is ended by Pdeathsig
// and by the end of the control socket, and all of the machine with it.
func clone(spec Spec, flags uintptr) (*Machine, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "control"), os.NewFile(uintptr(pair[1]), "control")
	defer ours.Close()
	defer theirs.Close()
	// The kernel is to say who sends: so init can tell a process by a number that
	// means the same outside.
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return nil, err
	}
	cmd := exec.Command(spec.Init[0], spec.Init[1:]...)
	cmd.Env = spec.Env
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{theirs} // controlFD inside
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Setsid: true, Pdeathsig: unix.SIGKILL}
	if flags&unix.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	if err := Spawn(cmd); err != nil {
		return nil, err
	}
	theirs.Close() // or the end of init would not be seen
	conn, err := net.FileConn(ours)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	m := &Machine{
		Name: spec.Name, cmd: cmd, control: conn.(*net.UnixConn),
		waiting: map[int64]chan<- reply{}, running: map[int64]*Process{}, gone: make(chan struct{}),
	}
	go m.listen()
	return m, nil
}

// Start starts a program with these as its stdin, stdout and stderr; the machine
// has copies of its own. One runs at a time.
func (m *Machine) Start(p Program, stdin, stdout, stderr *os.File) (*Process, error) {
	process := &Process{ended: make(chan Ended, 1)}
	r, err := m.ask(request{Do: doStart, Program: &p, process: process}, []*os.File{stdin, stdout, stderr})
	if err != nil {
		return nil, fmt.Errorf("start %s on %s: %w", p.Path, m.Name, err)
	}
	process.PID = r.pid
	return process, nil
}

// MountFUSE mounts a FUSE file system over a folder, for the machine's programs
// alone: nothing of it is seen outside. What is returned is the device's end, on
// which a server answers; until one does, whoever touches the folder waits.
func (m *Machine) MountFUSE(at string) (*os.File, error) {
	r, err := m.ask(request{Do: doMount, At: at}, nil)
	if err == nil && len(r.files) != 1 {
		err = errors.New("init gave no device")
	}
	if err != nil {
		return nil, fmt.Errorf("mount FUSE at %s on %s: %w", at, m.Name, err)
	}
	unix.CloseOnExec(r.files[0])
	return os.NewFile(uintptr(r.files[0]), "fuse on "+m.Name), nil
}

// Kill ends all processes (SIGKILL). The machine stays up.
func (m *Machine) Kill() error { return m.tell(doKill) }

// Pause freezes all processes (SIGSTOP).
func (m *Machine) Pause() error { return m.tell(doStop) }

// Resume lets all processes go on (SIGCONT).
func (m *Machine) Resume() error { return m.tell(doGoOn) }

// Up reports whether the machine runs.
func (m *Machine) Up() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.over
}

// InitPID is init's process id as the harness sees it: /proc/PID/net is the
// machine's.
func (m *Machine) InitPID() int { return m.cmd.Process.Pid }

// PowerOff ends init, and with it everything on the machine, and returns when it
// is gone. Cut its links first: else its kernel may still say good-bye to its
// peers, which no power loss does. Idempotent.
func (m *Machine) PowerOff() {
	_ = m.cmd.Process.Kill() // it may have ended
	<-m.gone
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Cable != nil {
		_ = m.Cable.Close()
	}
}

// ask sends a request and waits for its answer.
func (m *Machine) ask(q request, files []*os.File) (reply, error) {
	answered := make(chan reply, 1)
	if err := m.send(&q, files, answered); err != nil {
		return reply{}, err
	}
	select {
	case r, ok := <-answered:
		if !ok {
			return r, errors.New("the machine is gone")
		}
		if r.Error != "" {
			return r, errors.New(r.Error)
		}
		return r, nil
	case <-time.After(patience):
		return reply{}, fmt.Errorf("no answer from init within %v", patience)
	}
}

// tell sends a request whose answer nobody waits for.
func (m *Machine) tell(what string) error {
	q := request{Do: what}
	if err := m.send(&q, nil, nil); err != nil {
		return fmt.Errorf("%s on %s: %w", what, m.Name, err)
	}
	return nil
}

func (m *Machine) send(q *request, files []*os.File, answered chan<- reply) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return errors.New("the machine is gone")
	}
	m.last++
	q.ID = m.last
	text, err := json.Marshal(q)
	if err != nil {
		return err
	}
	if len(text) > maxPacket {
		return fmt.Errorf("%d bytes of arguments: %d at most", len(text), maxPacket)
	}
	if answered != nil {
		m.waiting[q.ID] = answered
	}
	if q.process != nil {
		m.running[q.ID] = q.process
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		rights = unix.UnixRights(fds...)
	}
	_, _, err = m.control.WriteMsgUnix(text, rights, nil)
	return err
}

// listen takes what init says until init is no more.
func (m *Machine) listen() {
	for {
		r, err := receive(m.control)
		if err != nil {
			break
		}
		m.mu.Lock()
		if p := m.running[r.Ended]; p != nil {
			p.ended <- Ended{Status: syscall.WaitStatus(r.Status)}
			delete(m.running, r.Ended)
		}
		if r.Error != "" {
			delete(m.running, r.ID)
		}
		if answered := m.waiting[r.ID]; answered != nil {
			answered <- r
			delete(m.waiting, r.ID)
		} else {
			closeAll(r.files)
		}
		m.mu.Unlock()
	}
	_ = m.cmd.Process.Kill() // it has closed the socket, or what it said makes no sense
	_ = m.cmd.Wait()
	m.mu.Lock()
	m.over = true
	for _, answered := range m.waiting {
		close(answered)
	}
	for _, p := range m.running {
		p.ended <- Ended{Status: syscall.WaitStatus(unix.SIGKILL), Lost: true}
	}
	clear(m.waiting)
	clear(m.running)
	m.mu.Unlock()
	_ = m.control.Close()
	close(m.gone)
}

// receive reads one answer with the descriptors and the process id beside it.
func receive(c *net.UnixConn) (r reply, err error) {
	text := make([]byte, maxPacket)
	beside := make([]byte, 256)
	n, k, _, _, err := c.ReadMsgUnix(text, beside)
	if err != nil {
		return r, err
	}
	if n == 0 {
		return r, errors.New("init has ended")
	}
	parts, err := unix.ParseSocketControlMessage(beside[:k])
	if err != nil {
		return r, err
	}
	for i := range parts {
		if files, err := unix.ParseUnixRights(&parts[i]); err == nil {
			r.files = append(r.files, files...)
		}
		if who, err := unix.ParseUnixCredentials(&parts[i]); err == nil {
			r.pid = int(who.Pid)
		}
	}
	if err := json.Unmarshal(text[:n], &r.answer); err != nil {
		closeAll(r.files)
		return r, fmt.Errorf("init said %q: %w", text[:n], err)
	}
	return r, nil
}

// file makes a descriptor one that the poller takes.
func file(fd int, name string) *os.File {
	unix.CloseOnExec(fd)
	_ = unix.SetNonblock(fd, true) // before NewFile: that asks once
	return os.NewFile(uintptr(fd), name)
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}
