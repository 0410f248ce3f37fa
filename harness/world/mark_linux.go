package world

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// sweep kills every process with the mark, and those that they start meanwhile,
// until none is left. It gives up on what does not die of SIGKILL.
func (m mark) sweep() {
	const rounds = 2000
	for range rounds {
		found := m.processes()
		if len(found) == 0 {
			return
		}
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond) // for the kernel to take them away
	}
}

// processes finds the marked ones. A process that has ended, reaped or not, has
// no environment any more; one of another user keeps it to itself.
func (m mark) processes() (pids []int) {
	want := []byte("\x00" + markName + "=" + string(m))
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append([]byte{0}, environ...), want) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}
