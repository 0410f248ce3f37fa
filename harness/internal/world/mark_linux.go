package world

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Sweep kills every process with the mark, and those that they start meanwhile,
// until none is left. It gives up on what does not die of SIGKILL.
func (m Mark) Sweep() {
	const rounds = 2000
	for range rounds {
		found := m.Processes()
		if len(found) == 0 {
			return
		}
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond) // for the kernel to take them away
	}
}

// Processes finds the marked ones. A process that has ended, reaped or not, has
// no environment any more; one of another user keeps it to itself.
func (m Mark) Processes() (pids []int) {
	want := []byte("\x00" + markName + "=" + string(m))
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile("/proc/" + entry.Name() + "/environ")
		if err == nil && bytes.Contains(append([]byte{0}, environ...), want) {
			pids = append(pids, pid)
		}
	}
	return pids
}
