package ground

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// checkNamespaces makes some, and uses what they are to allow: some systems let
// everybody make a user namespace, and forbid what it is good for.
func checkNamespaces() error {
	err := tryNamespaces(namespaces)
	if err == nil || os.Geteuid() == 0 && tryNamespaces(namespaces&^unix.CLONE_NEWUSER) == nil {
		return nil
	}
	for _, s := range []struct{ path, forbids, allow string }{
		{"kernel/unprivileged_userns_clone", "0", "1"},
		{"user/max_user_namespaces", "0", "10000"},
		{"kernel/apparmor_restrict_unprivileged_userns", "1", "0"},
	} {
		text, readErr := os.ReadFile("/proc/sys/" + s.path)
		if readErr == nil && strings.TrimSpace(string(text)) == s.forbids {
			name := strings.ReplaceAll(s.path, "/", ".")
			return fmt.Errorf("%w: %s is %s; allow it with: sysctl -w %s=%s", err, name, s.forbids, name, s.allow)
		}
	}
	return fmt.Errorf("%w: in a container they are mostly forbidden from outside; allow them there (docker: --security-opt seccomp=unconfined), or run as root", err)
}

func tryNamespaces(flags uintptr) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	path := self
	for _, p := range []string{"/bin/true", "/usr/bin/true"} {
		if _, err := os.Stat(p); err == nil {
			path = p
			break
		}
	}
	cmd := exec.Command(path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Chroot: "/"} // a chroot that changes nothing, but must be allowed
	if flags&unix.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	if path == self {
		return errors.New("no program «true» to try them with")
	}
	return cmd.Run()
}

func checkTUN() error  { return checkDevice("/dev/net/tun", "tun", "10 200") }
func checkFUSE() error { return checkDevice("/dev/fuse", "fuse", "10 229") }

// checkDevice opens a device as init will.
func checkDevice(path, module, number string) error {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	switch {
	case err == nil:
		return unix.Close(fd)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("%w: allow it with: modprobe %s; mkdir -p %s; mknod -m 666 %s c %s (docker: --device %s)",
			err, module, filepath.Dir(path), path, number, path)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: allow it with: chmod 666 %s", err, path)
	}
	return fmt.Errorf("%w: in a container the device must be let in from outside (docker: --device %s)", err, path)
}

func checkTime() error {
	if _, err := os.Stat("/proc/self/ns/time"); err != nil {
		return errors.New("this kernel has none; Linux 5.6 and later do (CONFIG_TIME_NS)")
	}
	return nil
}

func checkFakeTime() error {
	_, err := FakeTime()
	return err
}

// FakeTime finds the library that gives dynamically linked programs another wall
// clock.
func FakeTime() (string, error) {
	for _, pattern := range []string{"/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib*/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0], nil
		}
	}
	return "", errors.New("not installed; allow it with: apt-get install libfaketime")
}
