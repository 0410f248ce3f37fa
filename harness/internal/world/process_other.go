//go:build !linux

package world

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// ownGroup makes a child the leader of its own process group. Only Linux kills a
// child with its parent by itself; elsewhere the warden alone does it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// Stopped reports whether ps shows the process as stopped: state T.
func Stopped(pid int) bool {
	out, err := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(out)), "T")
}
