package world

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// ownGroup makes a child the leader of its own process group, so that a Ctrl-C
// on the terminal does not reach it and a kill reaches its children too; and has
// the kernel kill it when the harness dies, however that happens.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Stopped reports whether the kernel shows every thread of the process as
// stopped: state T.
func Stopped(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// pid (name) state …: the name may hold anything, so look behind its last ')'.
	i := bytes.LastIndexByte(stat, ')')
	return i >= 0 && i+2 < len(stat) && stat[i+2] == 'T'
}
