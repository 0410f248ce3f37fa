package ground

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// controlFD is where init finds the control socket.
const controlFD = 3

// Init is process 1 of a machine. It returns when the harness is gone, and then
// the kernel ends all that is left of the machine.
func Init() error {
	// Taken and not ignored: who is started by someone who ignores a signal does so, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	runtime.GOMAXPROCS(1) // it has little to do, and nodes are many
	unix.CloseOnExec(controlFD)
	conn, err := net.FileConn(os.NewFile(controlFD, "control"))
	if err != nil {
		return fmt.Errorf("no control socket: init is started by groupy itself: %w", err)
	}
	control, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("descriptor 3 is no Unix socket: init is started by groupy itself")
	}
	i := &machineInit{control: control}
	died := make(chan os.Signal, 1)
	signal.Notify(died, syscall.SIGCHLD) // before anybody can die
	go i.reap(died)
	for {
		q, files, err := i.receive()
		if err != nil {
			return nil // the harness is gone
		}
		i.obey(q, files)
	}
}

// machineInit is init at work.
type machineInit struct {
	control *net.UnixConn
	mu      sync.Mutex // over starting and reaping, so that no end comes before its start was noted
	pid     int        // of the program; 0: none runs
	started int64      // the request that started it
}

func (i *machineInit) receive() (q request, files []int, err error) {
	text, beside := make([]byte, maxPacket), make([]byte, 256)
	n, k, _, _, err := i.control.ReadMsgUnix(text, beside)
	if err != nil || n == 0 {
		return q, nil, errors.Join(err, errors.New("no more requests"))
	}
	parts, err := unix.ParseSocketControlMessage(beside[:k])
	if err != nil {
		return q, nil, err
	}
	for p := range parts {
		if fds, err := unix.ParseUnixRights(&parts[p]); err == nil {
			files = append(files, fds...)
		}
	}
	return q, files, json.Unmarshal(text[:n], &q)
}

// obey does what is asked and answers.
func (i *machineInit) obey(q request, files []int) {
	defer closeAll(files) // who needs them has copies
	a := answer{ID: q.ID}
	pid := os.Getpid()
	var gives []int
	var err error
	switch q.Do {
	case doBoot:
		gives, err = boot(*q.Spec)
	case doMount:
		gives, err = mountFUSE(q.At)
	case doStart:
		i.mu.Lock()
		defer i.mu.Unlock() // until it is answered: its end is told later
		pid, err = i.start(q, files)
	case doKill:
		i.mu.Lock()
		err = signalAll(unix.SIGKILL)
		i.mu.Unlock()
	case doStop:
		err = signalAll(unix.SIGSTOP)
	case doGoOn:
		err = signalAll(unix.SIGCONT)
	default:
		err = fmt.Errorf("unknown request %q", q.Do)
	}
	if err != nil {
		a.Error, pid = err.Error(), os.Getpid()
	}
	i.say(a, pid, gives)
	closeAll(gives) // what they lead to lives as long as the machine
}

// say answers, in the name of a process: the kernel tells the harness its number
// out there, and lets only who is root in here do so.
func (i *machineInit) say(a answer, pid int, files []int) {
	text, err := json.Marshal(a)
	if err != nil {
		panic("ground: an answer cannot be encoded: " + err.Error()) // it holds only values that JSON has
	}
	beside := unix.UnixCredentials(&unix.Ucred{Pid: int32(pid), Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())})
	if len(files) > 0 {
		beside = append(beside, unix.UnixRights(files...)...)
	}
	if _, _, err := i.control.WriteMsgUnix(text, beside, nil); err != nil && !errors.Is(err, unix.EPIPE) {
		fmt.Fprintln(os.Stderr, "groupy init:", err)
	}
}

// start starts the program as a child: as process 1 it would be immune to every
// signal that it has no handler for, and nobody would reap its orphans.
func (i *machineInit) start(q request, files []int) (int, error) {
	if i.pid != 0 {
		return 0, errors.New("a program runs already")
	}
	if len(files) != 3 {
		return 0, fmt.Errorf("%d files for stdin, stdout and stderr", len(files))
	}
	p := q.Program
	attr := &syscall.ProcAttr{
		Env: merged(os.Environ(), p.Env), Files: []uintptr{uintptr(files[0]), uintptr(files[1]), uintptr(files[2])},
		Sys: &syscall.SysProcAttr{Setsid: true}, // it leads a group, as a program of a shell does
	}
	type begun struct {
		pid int
		err error
	}
	done := make(chan begun)
	go func() {
		if p.Clocks != (ClockShift{}) {
			runtime.LockOSThread() // the thread ends with the goroutine: other programs keep their time
			if err := shiftClocks(p.Clocks); err != nil {
				done <- begun{err: err}
				return
			}
		}
		pid, err := syscall.ForkExec(p.Path, append([]string{p.Path}, p.Args...), attr)
		done <- begun{pid, err}
	}()
	b := <-done
	if b.err != nil {
		return 0, b.err
	}
	i.pid, i.started = b.pid, q.ID
	return b.pid, nil
}

// merged is an environment with some variables set anew.
func merged(environment, anew []string) []string {
	name := func(entry string) string { n, _, _ := strings.Cut(entry, "="); return n }
	kept := slices.DeleteFunc(slices.Clone(environment), func(e string) bool {
		return slices.ContainsFunc(anew, func(a string) bool { return name(a) == name(e) })
	})
	return append(kept, anew...)
}

// reap buries the dead. When the program has ended, so does all that it has
// started, before anybody hears of its end.
func (i *machineInit) reap(died <-chan os.Signal) {
	for range died {
		i.mu.Lock()
		for {
			var status unix.WaitStatus
			pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil || pid == 0 {
				break
			}
			if pid != i.pid {
				continue
			}
			_ = signalAll(unix.SIGKILL) // there may be nobody left
			for {
				if _, err := unix.Wait4(-1, nil, 0, nil); err != nil && !errors.Is(err, unix.EINTR) {
					break // nobody is
				}
			}
			i.say(answer{Ended: i.started, Status: uint32(status)}, os.Getpid(), nil)
			i.pid, i.started = 0, 0
		}
		i.mu.Unlock()
	}
}

// signalAll reaches every process of the machine but init. That there is none is
// no error.
func signalAll(s syscall.Signal) error {
	if err := unix.Kill(-1, s); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// shiftClocks has what this thread starts from now on see other clocks.
func shiftClocks(c ClockShift) error {
	if err := unix.Unshare(unix.CLONE_NEWTIME); err != nil {
		return fmt.Errorf("a time namespace: %w", err)
	}
	// The offsets are those of a thread; its name among processes, in whatever
	// namespace /proc is of.
	self, err := os.Readlink("/proc/thread-self")
	if err != nil {
		return err
	}
	thread := self[strings.LastIndexByte(self, '/')+1:]
	text := fmt.Sprintf("monotonic %s\nboottime %s\n", seconds(c.Monotonic.Nanoseconds()), seconds(c.Boot.Nanoseconds()))
	if err := os.WriteFile("/proc/"+thread+"/timens_offsets", []byte(text), 0); err != nil {
		return fmt.Errorf("shift the clocks: %w", err)
	}
	return nil
}

// seconds writes nanoseconds as the kernel reads them: whole seconds, and what is
// above.
func seconds(ns int64) string {
	whole, rest := ns/1e9, ns%1e9
	if rest < 0 {
		whole, rest = whole-1, rest+1e9
	}
	return fmt.Sprint(whole, " ", rest)
}

// boot sets the machine up and gives its cable.
func boot(s Spec) ([]int, error) {
	for _, step := range []func(Spec) error{nameHost, makePrivate, mountProc, coverFolders, writeHosts} {
		if err := step(s); err != nil {
			return nil, err
		}
	}
	cable, err := openDevice(s)
	if err != nil {
		return nil, err
	}
	return []int{cable}, nil
}
