//go:build linux

package ground_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupy/harness/ground"
	"groupy/harness/ground/groundtest"
)

// TestMain is init where a machine starts this program as that.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "init" {
		if err := ground.Init(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// spec is that of a machine that finds dir.
func spec(t testing.TB, dir string) ground.Spec {
	t.Helper()
	if missing := ground.Missing(ground.Wire...); missing != nil {
		t.Skip(missing)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return ground.Spec{
		Name: "n1", Init: []string{self, "init"}, Env: os.Environ(), Hosts: "127.0.0.1 localhost\n10.7.0.1 n1\n10.7.0.2 n2\n",
		Address: netip.MustParsePrefix("10.7.0.1/24"), MTU: 9000, Keep: []string{dir},
	}
}

func boot(t testing.TB, dir string) *ground.Machine {
	t.Helper()
	m, err := ground.Boot(spec(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.PowerOff)
	return m
}

// session is a shell on a machine.
type session struct {
	t       testing.TB
	process *ground.Process
	in      *os.File
	out     *bufio.Reader
}

// run starts a shell script.
func run(t testing.TB, m *ground.Machine, script string) *session {
	t.Helper()
	return start(t, m, ground.Program{Path: "/bin/sh", Args: []string{"-c", script}})
}

func start(t testing.TB, m *ground.Machine, p ground.Program) *session {
	t.Helper()
	stdin, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	defer stdout.Close()
	t.Cleanup(func() { in.Close(); out.Close() })
	process, err := m.Start(p, stdin, stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	return &session{t, process, in, bufio.NewReader(out)}
}

// line is what it writes next; "" at its end.
func (s *session) line() string {
	text, err := s.out.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
	return strings.TrimSuffix(text, "\n")
}

// lines is all that it writes, to its end.
func (s *session) lines() string {
	text, err := io.ReadAll(s.out)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestAMachineHasANameANetworkAndFoldersOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kept"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	m := boot(t, dir)
	s := run(t, m, `hostname; cat /etc/hosts | wc -l; ls /dev/shm | wc -l; ls `+dir+`; touch `+dir+`/written; touch /dev/shm/own; cat /proc/net/dev | wc -l; exit 7`)
	want := "n1\n3\n0\nkept\n4\n" // two lines of titles, loopback and the cable
	if got := s.lines(); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if e := s.process.Wait(); e.Status.ExitStatus() != 7 || e.Lost {
		t.Errorf("ended with %+v, want 7", e)
	}
	if _, err := os.Stat(filepath.Join(dir, "written")); err != nil {
		t.Error("what it wrote in a kept folder is not there:", err)
	}
	if _, err := os.Stat("/dev/shm/own"); err == nil {
		t.Error("what it wrote in a folder of its own is seen outside")
	}
}

func TestTheCableCarriesPacketsBothWays(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `exec sh -c 'echo up; exec cat'`)
	s.line()
	// An echo request to the machine: its kernel answers on the cable.
	ping := []byte{
		0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 7, 0, 2, 10, 7, 0, 1,
		8, 0, 0xf7, 0xfe, 0, 0, 0, 1,
	}
	sum := 0
	for i := 0; i < 20; i += 2 {
		sum += int(ping[i])<<8 | int(ping[i+1])
	}
	sum = sum>>16 + sum&0xffff
	ping[10], ping[11] = byte(^sum>>8), byte(^sum)
	if _, err := m.Cable.Write(ping); err != nil {
		t.Fatal(err)
	}
	if err := m.Cable.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 9000); ; {
		n, err := m.Cable.Read(buf)
		if err != nil {
			t.Fatal("no echo reply:", err)
		}
		if n == 28 && buf[9] == 1 && buf[20] == 0 && buf[19] == 2 {
			return
		}
	}
}

func TestKillReachesWhoeverHasMovedAway(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `setsid sh -c 'sleep 1000 & exec sleep 1000' & (setsid sleep 1000 &) ; sleep 1000 & echo up; wait`)
	s.line()
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	if e := s.process.Wait(); e.Status.Signal() != syscall.SIGKILL || e.Lost {
		t.Errorf("ended with %+v, want SIGKILL", e)
	}
	if got := others(t, m); len(got) > 0 {
		t.Errorf("processes %v are left on the machine", got)
	}
	s = run(t, m, `echo again`) // the machine stays
	if got := s.line(); got != "again" {
		t.Errorf("a second program says %q", got)
	}
}

func TestWhatAProgramHasStartedEndsWithIt(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `setsid sleep 1000 & echo up; exit 3`)
	if e := s.process.Wait(); e.Status.ExitStatus() != 3 {
		t.Errorf("ended with %+v, want 3", e)
	}
	if got := others(t, m); len(got) > 0 {
		t.Errorf("processes %v are left on the machine", got)
	}
}

func TestPauseFreezesAllProcesses(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `setsid sleep 1000 & echo up; wait`)
	s.line()
	await(t, "two processes", func() bool { return len(others(t, m)) == 2 })
	if err := m.Pause(); err != nil {
		t.Fatal(err)
	}
	frozen := func() (n int) {
		for _, pid := range others(t, m) {
			if state(pid) == "T" {
				n++
			}
		}
		return n
	}
	await(t, "both frozen", func() bool { return frozen() == 2 })
	if err := m.Resume(); err != nil {
		t.Fatal(err)
	}
	await(t, "none frozen", func() bool { return frozen() == 0 })
}

func TestPowerOffEndsEverything(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `setsid sleep 1000 & echo up; wait`)
	s.line()
	pids := others(t, m)
	if len(pids) == 0 {
		t.Fatal("no process is seen on the machine: the test looks at nothing")
	}
	m.PowerOff()
	m.PowerOff() // idempotent
	if e := s.process.Wait(); !e.Lost {
		t.Errorf("ended with %+v, want lost", e)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err == nil && state(pid) != "Z" {
			t.Errorf("process %d outlives its machine", pid)
		}
	}
	if _, err := m.Start(ground.Program{Path: "/bin/true"}, os.Stdin, os.Stdout, os.Stderr); err == nil {
		t.Error("a program starts on a machine that is gone")
	}
}

func TestTwoMachinesMayHaveTheSameAddress(t *testing.T) {
	for range 2 {
		m := boot(t, t.TempDir())
		run(t, m, `echo up`).line()
	}
}

// TestThePidIsTheHarnesss: a program sees a number of its own, and the harness
// that which it can signal.
func TestThePidIsTheHarnesss(t *testing.T) {
	m := boot(t, t.TempDir())
	s := run(t, m, `echo $$; exec sleep 1000`)
	inside, err := strconv.Atoi(s.line())
	if err != nil {
		t.Fatal(err)
	}
	if inside == s.process.PID {
		t.Errorf("pid %d inside and outside", inside)
	}
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", s.process.PID)); err != nil || !strings.Contains("sh sleep", strings.TrimSpace(string(name))) {
		t.Errorf("process %d is %q, %v", s.process.PID, name, err)
	}
	if err := syscall.Kill(s.process.PID, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := s.process.Wait(); e.Status.Signal() != syscall.SIGTERM {
		t.Errorf("ended with %+v, want SIGTERM", e)
	}
}

func TestAProgramThatIsNotThereIsToldSo(t *testing.T) {
	m := boot(t, t.TempDir())
	if _, err := m.Start(ground.Program{Path: "/no/such/program"}, os.Stdin, os.Stdout, os.Stderr); !errors.Is(err, os.ErrNotExist) && !strings.Contains(fmt.Sprint(err), "no such file") {
		t.Errorf("%v, want no such file", err)
	}
	run(t, m, `echo up`).line() // and another one can be started
}

// others are the machine's processes but init, as the harness sees them.
func others(t testing.TB, m *ground.Machine) (pids []int) {
	t.Helper()
	want, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", m.InitPID()))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := filepath.Glob("/proc/[0-9]*/ns/pid")
	for _, path := range all {
		pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
		if got, err := os.Readlink(path); err == nil && got == want && pid != m.InitPID() && state(pid) != "Z" {
			pids = append(pids, pid)
		}
	}
	return pids
}

// state is the letter that the kernel shows for a process; "" if there is none.
func state(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return rest[:1]
}

func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never came:", what)
		}
	}
}

// TestFUSEIsMountedForTheMachineAlone: the program that looks into the folder
// waits for who serves it, and outside the folder is what it was.
func TestFUSEIsMountedForTheMachineAlone(t *testing.T) {
	if missing := ground.Missing(ground.Disk...); missing != nil {
		t.Skip(missing)
	}
	dir := t.TempDir()
	m := boot(t, dir)
	device, err := m.MountFUSE(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	s := run(t, m, `ls `+dir)
	buf := make([]byte, 1<<20)
	n, err := device.Read(buf)
	const opcode = 4 // where it is; 26 is FUSE_INIT
	if err != nil || n < 8 || buf[opcode] != 26 {
		t.Errorf("the device's first request is %v, %v; want FUSE_INIT", buf[:min(n, 8)], err)
	}
	if err := os.WriteFile(filepath.Join(dir, "outside"), nil, 0o644); err != nil {
		t.Error("the folder is not what it was outside:", err)
	}
	m.PowerOff() // nobody ever answers
	if e := s.process.Wait(); !e.Lost {
		t.Errorf("ended with %+v, want lost", e)
	}
}

// TestAProgramsClocksAreShifted for that start alone.
func TestAProgramsClocksAreShifted(t *testing.T) {
	if missing := ground.Missing(ground.Needs[3]); missing != nil {
		t.Skip(missing)
	}
	m := boot(t, t.TempDir())
	uptime := func(c ground.ClockShift) float64 {
		s := start(t, m, ground.Program{Path: "/bin/cat", Args: []string{"/proc/uptime"}, Clocks: c})
		text := s.lines()
		s.process.Wait()
		first, _, _ := strings.Cut(text, " ")
		seconds, err := strconv.ParseFloat(first, 64)
		if err != nil {
			t.Fatalf("uptime says %q", text)
		}
		return seconds
	}
	before := uptime(ground.ClockShift{})
	shifted := uptime(ground.ClockShift{Boot: 1e6*time.Second + 500*time.Millisecond})
	after := uptime(ground.ClockShift{})
	if d := shifted - before; d < 1e6 || d > 1.001e6 {
		t.Errorf("boot time went on by %v s, want 1000000", d)
	}
	if d := after - before; d < 0 || d > 1000 {
		t.Errorf("the next program's boot time went on by %v s", d)
	}
}

// TestAllThisAsAUserWhoIsNotRoot runs the other tests as nobody.
func TestAllThisAsAUserWhoIsNotRoot(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := groundtest.Command(t, groundtest.Home(t), groundtest.Copy(t, self), "-test.timeout=20s", "-test.v")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%d tests passed as nobody", strings.Count(string(out), "--- PASS"))
	if !strings.Contains(string(out), "--- PASS: TestKillReachesWhoeverHasMovedAway") {
		t.Errorf("they were skipped:\n%s", out)
	}
}
