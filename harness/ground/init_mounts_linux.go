package ground

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func nameHost(s Spec) error { return unix.Sethostname([]byte(s.Name)) }

// makePrivate keeps the machine's mounts from everybody else.
func makePrivate(Spec) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	return nil
}

// mountProc shows the machine's own processes. Where the harness's /proc is
// covered in part (in a container) the kernel refuses, and the old one does: it
// shows the same processes among others, by their outer numbers.
func mountProc(Spec) error {
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	return nil
}

// coverFolders gives the machine folders of its own where programs meet by
// accident.
func coverFolders(s Spec) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	for _, c := range cover(own, append(s.Keep, here)) {
		if err := coverFolder(c); err != nil {
			return fmt.Errorf("a %s of its own: %w", c.folder, err)
		}
	}
	return os.Chdir(here) // what is behind it may have moved
}

func coverFolder(c covered) error {
	if info, err := os.Lstat(c.folder); err != nil || !info.IsDir() {
		return nil // this system has none, or a name for another
	}
	kept := map[string]int{} // held open: what is covered has no path any more
	defer func() {
		for _, fd := range kept {
			_ = unix.Close(fd)
		}
	}()
	for _, path := range c.keep {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "open", Path: path, Err: err}
		}
		kept[path] = fd
	}
	if err := unix.Mount("tmpfs", c.folder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return err
	}
	for path, fd := range kept {
		if err := bindBack(path, fd); err != nil {
			return fmt.Errorf("keep %s: %w", path, err)
		}
	}
	return nil
}

// bindBack shows at path what fd holds.
func bindBack(path string, fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	} else {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
	}
	return unix.Mount(fmt.Sprintf("/proc/self/fd/%d", fd), path, "", unix.MS_BIND|unix.MS_REC, "")
}

// writeHosts has all machines found by their names.
func writeHosts(s Spec) error {
	if s.Hosts == "" {
		return nil
	}
	if _, err := os.Stat("/etc/hosts"); err != nil {
		return nil // nothing there to put it over; addresses still do
	}
	file, err := os.CreateTemp("/dev/shm", "hosts") // the machine's own
	if err != nil {
		file, err = os.CreateTemp("", "hosts")
	}
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // the mount holds what it was
	_, err = file.WriteString(s.Hosts)
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	if err := unix.Mount(file.Name(), "/etc/hosts", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("an /etc/hosts of its own: %w", err)
	}
	return nil
}

// mountFUSE mounts a file system that the harness will serve. User and group are
// numbers of the machine's user namespace.
func mountFUSE(at string) ([]int, error) {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/fuse: %w", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)
	if err := unix.Mount("groupy", at, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return []int{fd}, nil
}
